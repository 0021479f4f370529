// Accounts through the official client: node accounts.mjs <address> <folder of the server>
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import pryv from "pryv";

const [base, folder] = process.argv.slice(2);
const service = new pryv.Service(`${base}/reg/service/info`);
await service.info();
const stamp = Date.now() % 1e8;
const username = `owner${stamp}`;
const email = `${username}@example.org`;
const password = "correct-horse";
const failed = (id, status) => (error) => {
  assert.ok(error instanceof pryv.PryvError);
  assert.equal(error.id, id);
  assert.equal(error.status, status);
  return true;
};

// The platform.
assert.equal(service.infoSync().name, "Pryvsite");
assert.equal(await service.supportsHF(), true);
assert.equal(await service.isDnsLess(), true);
assert.equal(await service.apiEndpointFor("someone", "token"), `${base.replace("//", "//token@")}/someone/`);
assert.equal(service.infoSync().features.contentQueries, true);
// Outside of browsers the client can't resolve addresses of assets.
const assets = await service.assets();
const asset = async (key) => (await fetch(assets.get("baseUrl") + assets.get(key))).text();
assert.match(await asset("lib-js:buttonSignIn:html"), /pryv-access-btn-text/);
assert.ok(JSON.parse(await asset("lib-js:buttonSignIn:messages")).LOADING.en);
assert.ok(await asset("favicon:default:url"));
const hostings = await service.flatHostings();
assert.ok(hostings.some((hosting) => hosting.available && hosting.availableCore));
assert.ok((await service.availableHostings()).regions);

// Registration, the modern way and that of version 1.5.
const made = await service.createUser({ username, password, email, hosting: "auto", appId: "node-test", language: "fr" });
assert.equal(made.username, username);
await assert.rejects(
  service.createUser({ username, password, email, hosting: "auto", appId: "node-test" }),
  failed("item-already-exists", 409),
);
const older = new pryv.Service(`${base}/reg/service/info`, { version: "1.5.0" });
const legacy = `legacy${stamp}`;
await older.createUser({ username: legacy, password, email: `${legacy}@example.org`, hosting: "auto", appId: "node-test" });
assert.equal(await service.userExists(legacy), true);
assert.equal(await service.userExists(`nobody${stamp}`), false);
assert.equal(await service.userIdForEmail(email), username);
assert.equal(await service.userIdForEmail(`nobody${stamp}@example.org`), null);

// Login and account.
await assert.rejects(service.login(username, "wrong-horse", "node-test"), failed("invalid-credentials", 401));
await assert.rejects(service.login(`nobody${stamp}`, password, "node-test"), failed("unknown-resource", 404));
await assert.rejects(service.login(username, password, "other-app", "https://elsewhere.example"), failed("invalid-credentials", 401));
const owner = await service.login(username, password, "node-test");
const account = await owner.get("account");
assert.equal(account.account.email, email);
assert.equal(account.account.language, "fr");
assert.equal((await owner.apiOne("account.get", {}, "account")).username, username);
assert.equal(owner.apiEndpoint, await service.apiEndpointFor(username, owner.token));

// Password reset by a mailed token.
const mails = () => readdirSync(join(folder, "mail"))
  .map((name) => join(folder, "mail", name))
  .sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs)
  .map((path) => readFileSync(path, "utf8").replace(/=\r?\n/g, "").replace(/=3D/g, "="));
await assert.rejects(service.requestPasswordReset(username, "untrusted-app"), failed("invalid-credentials", 401));
await service.requestPasswordReset(username, "node-test");
let resetToken;
for (let tries = 0; tries < 50 && !resetToken; tries += 1) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  resetToken = mails().map((text) => /resetToken=([\w-]+)/.exec(text)?.[1]).filter(Boolean).pop();
}
assert.ok(resetToken, "the mail with the token came");
const another = "battery-staple";
await assert.rejects(service.resetPassword(username, another, "wrong", "node-test"), failed("invalid-access-token", 401));
await service.resetPassword(username, another, resetToken, "node-test");
await assert.rejects(service.resetPassword(username, password, resetToken, "node-test"), failed("invalid-access-token", 401));
await assert.rejects(service.login(username, password, "node-test"), failed("invalid-credentials", 401));
assert.equal((await service.login(username, another, "node-test")).token, owner.token);

// The second step: error shapes, then the whole of it with an authenticator app.
await assert.rejects(service.mfaChallenge(username, "unknown"), failed("invalid-access-token", 401));
await assert.rejects(service.mfaVerify(username, "unknown", "123456"), failed("invalid-access-token", 401));
const { body: begun } = await owner._postFetch("mfa/activate", { method: "totp" });
assert.ok(begun.mfaToken);
const code = () => {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...begun.secret].map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const hash = createHmac("sha1", key).update(counter).digest();
  const number = (hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1e6;
  return String(number).padStart(6, "0");
};
const used = code();
const confirmed = await pryv.utils.fetchPost(`${base}/${username}/mfa/confirm`, { code: used }, { Authorization: begun.mfaToken });
assert.equal(confirmed.body.recoveryCodes.length, 10);
const asked = await service.login(username, another, "node-test").then(assert.fail, (error) => error);
assert.ok(asked instanceof pryv.MfaRequiredError);
assert.ok(asked.mfaToken);
await assert.rejects(service.mfaVerify(username, asked.mfaToken, "000000"), failed("invalid-parameters-format", 400));
await service.mfaChallenge(username, asked.mfaToken);
const recovered = await pryv.utils.fetchPost(`${base}/${username}/mfa/recover`, {
  username, password: another, recoveryCode: confirmed.body.recoveryCodes[0],
});
assert.equal(recovered.response.status, 200);
assert.ok((await service.login(username, another, "node-test")).token);

console.log("client ok");
