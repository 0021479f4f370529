// Apps and accesses through the official client: node apps.mjs <address> <folder of the server>
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pryv from "pryv";

const [base, folder] = process.argv.slice(2);
const service = new pryv.Service(`${base}/reg/service/info`);
const username = `maker${Date.now() % 1e8}`;
const password = "correct-horse";
await service.createUser({ username, password, email: `${username}@example.org`, hosting: "auto", appId: "node-test" });
const owner = await service.login(username, password, "node-test");
const failed = (id, status) => (error) => {
  assert.equal(error.id ?? error.innerObject?.id, id);
  if (status) assert.equal(error.status, status);
  return true;
};

// Authorisation by polling; the consent page is played by what its calls are (spec api-access §4.4).
const requestedPermissions = [{ streamId: "heart", defaultName: "Heart", level: "manage" }];
const request = {
  requestingAppId: "poll-app", requestedPermissions, deviceName: "phone", expireAfter: 3600,
  clientData: { note: { text: "hello" } }, oauthState: "xyz", returnURL: "https://app.example.org/?a=b&",
};
const started = await service.startAccessRequest(request);
assert.equal(started.pollRateMs, 1000);
assert.match(started.authUrl, /oauthState=xyz/);
const waiting = await service.pollAccessRequest(started.poll);
assert.equal(waiting.status, "NEED_SIGNIN");
for (const name of Object.keys(request)) assert.deepEqual(waiting[name], request[name]);
const checked = await owner.post("accesses/check-app", {
  requestingAppId: waiting.requestingAppId, requestedPermissions: waiting.requestedPermissions,
  deviceName: waiting.deviceName, clientData: waiting.clientData, expireAfter: waiting.expireAfter,
});
assert.deepEqual(checked.checkedPermissions, requestedPermissions);
const granted = await owner.apiOne("accesses.create", {
  type: "app", name: waiting.requestingAppId, permissions: checked.checkedPermissions,
  deviceName: waiting.deviceName, clientData: waiting.clientData, expireAfter: waiting.expireAfter,
}, "access");
const accepted = { status: "ACCEPTED", username, token: granted.token, apiEndpoint: granted.apiEndpoint };
assert.equal((await pryv.utils.fetchPost(started.poll, accepted)).response.status, 200);
const answer = await service.pollAccessRequest(started.key);
assert.equal(answer.apiEndpoint, granted.apiEndpoint);
const refusal = await pryv.utils.fetchPost(started.poll, { status: "REFUSED" });
assert.equal(refusal.response.status, 400);
const app = new pryv.Connection(answer.apiEndpoint);
const info = await app.accessInfo();
assert.equal(info.deviceName, "phone");
assert.deepEqual(info.clientData, request.clientData);
assert.ok(Math.abs(info.expires - info.created - 3600) < 5);
assert.equal((await app.get("streams")).streams[0].name, "Heart");
assert.equal((await app.service.info()).name, "Pryvsite");
const again = await owner.post("accesses/check-app", {
  requestingAppId: "poll-app", requestedPermissions, deviceName: "phone", clientData: request.clientData,
});
assert.equal(again.matchingAccess.token, granted.token);

const refused = await service.startAccessRequest({ requestingAppId: "poll-app", requestedPermissions });
await pryv.utils.fetchPost(refused.poll, { status: "REFUSED", reasonId: "REFUSED_BY_USER", message: "No" });
assert.equal((await service.pollAccessRequest(refused.key)).status, "REFUSED");
await assert.rejects(service.pollAccessRequest("unknown"), failed("unknown-access-key", 400));
await assert.rejects(service.startAccessRequest({ requestingAppId: "poll-app" }), failed("invalid-parameters", 400));

// Accesses: create, update with stale ids, versions, delegation, deletion.
const share = { name: "For Tom", permissions: [{ streamId: "heart", level: "read" }] };
const child = await app.apiOne("accesses.create", share, "access");
const wider = [{ streamId: "*", level: "read" }];
await assert.rejects(app.apiOne("accesses.create", { name: "Wide", permissions: wider }), failed("forbidden"));
const updated = await app.apiOne("accesses.update", { id: child.id, update: { name: "For Doctor Tom" } }, "access");
assert.equal(updated.id, `${child.id}:1`);
await assert.rejects(app.apiOne("accesses.update", { id: child.id, update: { name: "Late" } }), failed("stale-resource"));
await assert.rejects(app.apiOne("accesses.delete", { id: child.id }), failed("stale-resource"));
const old = await app.get(`accesses/${child.id}`, { includeHistory: true });
assert.deepEqual(old.history.map((version) => version.name), ["For Tom"]);
await assert.rejects(
  owner.apiOne("accesses.update", { id: updated.id, update: { permissions: wider } }), failed("invalid-operation"),
);
const aliased = await owner.apiOne("accesses.create", { ...share, name: "Hidden", randomAlias: true }, "access");
const hidden = new pryv.Connection(aliased.apiEndpoint);
assert.equal(await hidden.username(), aliased.alias);
await hidden.revoke();
assert.equal((await hidden.accessInfo()).error.id, "unknown-resource");
const brief = await owner.apiOne("accesses.create", { ...share, name: "Brief" }, "access");
const guest = new pryv.Connection(brief.apiEndpoint);
await guest.revoke();
await assert.rejects(guest.revoke());

// Data: batches, content queries, streamed reads, files, high frequency.
const handled = [];
const calls = Array.from({ length: 1100 }, (_, n) => ({
  method: "events.create",
  params: { streamIds: ["heart"], type: "note/txt", content: `note ${n}`, time: 1700000000 + n, clientData: { n, even: n % 2 === 0 } },
  handleResult: (result) => handled.push(result.event.content),
}));
const steps = [];
const results = await app.api(calls, (percent) => steps.push(percent));
assert.ok(results.every((result) => result.event));
assert.equal(handled.length, 1100);
assert.deepEqual(steps, [91, 100]);
const params = { streams: ["heart"], clientData: [{ path: "n", gte: 1090 }, { path: "even", eq: true }], limit: 50 };
const found = await app.apiOne("events.get", params, "events");
assert.deepEqual(found.map((event) => event.clientData.n), [1098, 1096, 1094, 1092, 1090]);
const byQuery = await app.get("events", {
  streams: JSON.stringify([{ any: ["heart"] }]), content: JSON.stringify([{ path: "$", prefix: "note 109" }]), limit: 50,
});
assert.equal(byQuery.events.length, 11);
assert.ok(Math.abs(app.deltaTime) < 60);

const streamed = [];
const summary = await app.getEventsStreamed({ limit: 5000 }, (event) => streamed.push(event.id));
assert.equal(summary.eventsCount, 1100);
assert.equal(new Set(streamed).size, 1100);
const gone = found[0].id;
await app.apiOne("events.delete", { id: gone });
await app.apiOne("events.delete", { id: gone }, "eventDeletion");
const both = [];
const withDeletions = await app.getEventsStreamed(
  { modifiedSince: 0, includeDeletions: true, limit: 5000 }, (item) => both.push(item),
);
assert.equal(withDeletions.eventDeletionsCount, 1);
assert.equal(withDeletions.eventsCount, 1099);
assert.ok(both.some((item) => item.id === gone && item.deleted));

const path = join(folder, "client-file.txt");
writeFileSync(path, "from a path");
const fromPath = await app.createEventWithFile({ type: "file/attached", streamIds: ["heart"] }, path);
const form = new FormData();
form.append("one", new Blob(["first"]), "one.txt");
form.append("two", new Blob(["second"]), "two.txt");
const fromForm = await app.createEventWithFormData({ type: "file/attached", streamIds: ["heart"] }, form);
assert.equal(fromForm.event.attachments.length, 2);
const fromBuffer = await app.createEventWithFileFromBuffer({ type: "picture/attached", streamIds: ["heart"] }, Buffer.from("x"), "x.png");
assert.equal(fromBuffer.event.attachments[0].type, "image/png");
const file = fromPath.event.attachments[0];
const url = `${app.endpoint}events/${fromPath.event.id}/${file.id}/${file.fileName}?readToken=${file.readToken}`;
assert.equal(await (await fetch(url)).text(), "from a path");
assert.equal((await fetch(url.replace("readToken=", "readToken=x"))).status, 401);

const series = await app.apiOne("events.create", { streamIds: ["heart"], type: "series:mass/kg" }, "event");
await app.addPointsToHFEvent(series.id, ["deltaTime", "value"], [[0, 71.2], [60, 71.3]]);
assert.deepEqual((await app.get(`events/${series.id}/series`, { fromDeltaTime: 30 })).points, [[60, 71.3]]);
await assert.rejects(app.addPointsToHFEvent(series.id, ["deltaTime", "wrong"], [[0, 1]]));

// The end: the app goes, and what it handed out with it.
const tom = new pryv.Connection(updated.apiEndpoint);
await app.revoke(true, owner);
assert.equal((await tom.accessInfo()).error.id, "invalid-access-token");
console.log("client ok");
