// The official client against a running server: node calls.mjs <address>
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import pryv from "pryv";

const base = process.argv[2];
const service = new pryv.Service(`${base}/reg/service/info`);
const info = await service.info();
assert.equal(info.api, `${base}/{username}/`);
const assets = await service.assets();
assert.ok(assets, "assets are found");

const username = `client${Date.now() % 1e8}`;
const password = "correct-horse";
const made = await service.createUser({
  username, password, email: `${username}@example.org`, hosting: "auto", appId: "client-test",
});
assert.equal(made.username, username);
await assert.rejects(service.createUser({
  username, password, email: `${username}@example.org`, hosting: "auto", appId: "client-test",
}));
assert.equal(await service.userExists(username), true);
assert.equal(await service.userExists("nobody-here"), false);
assert.equal(await service.userIdForEmail(`${username}@example.org`), username);
await assert.rejects(service.login(username, "wrong-horse", "client-test"));
const connection = await service.login(username, password, "client-test");

const accessInfo = await connection.accessInfo();
assert.equal(accessInfo.type, "personal");
assert.equal(accessInfo.user.username, username);
assert.equal(await connection.username(), username);

const calls = [{ method: "streams.create", params: { id: "weight", name: "Weight" } }];
for (let i = 0; i < 40; i += 1) {
  calls.push({ method: "events.create", params: { streamIds: ["weight"], type: "mass/kg", content: 70 + i / 10, time: 1700000000 + i } });
}
calls.push({ method: "no.such", params: {} });
let progress = 0;
const results = await connection.api(calls, (percent) => { progress = percent; });
assert.equal(results.length, 42);
assert.equal(results[1].event.content, 70);
assert.equal(results[41].error.id, "invalid-method");
assert.equal(progress, 100);

const streamed = [];
const summary = await connection.getEventsStreamed({ streams: ["weight"], limit: 1000 }, (event) => streamed.push(event));
assert.equal(streamed.length, 40);
assert.equal(summary.eventsCount, 40);
const withDeletions = await connection.getEventsStreamed({ modifiedSince: 0, includeDeletions: true, limit: 10 }, () => {});
assert.equal(withDeletions.eventDeletionsCount, 0);

const file = await connection.createEventWithFileFromBuffer(
  { type: "picture/attached", streamIds: ["weight"] }, Buffer.from("not really a picture"), "été.jpg", "image/jpeg",
);
assert.equal(file.event.attachments[0].fileName, "été.jpg");

const [series] = await connection.api([{ method: "events.create", params: { streamIds: ["weight"], type: "series:mass/kg" } }]);
const written = await connection.addPointsToHFEvent(series.event.id, ["deltaTime", "value"], [[0, 71.2], [60, 71.3]]);
assert.equal(written.status, "ok");
const points = await connection.get(`events/${series.event.id}/series`);
assert.deepEqual(points.points, [[0, 71.2], [60, 71.3]]);

console.log("client ok");
