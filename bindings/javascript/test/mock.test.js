import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { BridgeError, connect, createPkce } from "../src/index.js";
import { mockHost } from "../src/mock/index.js";

afterEach(() => {
  for (const name of ["minihost", "webkit", "parent", "self", "document"]) delete globalThis[name];
});

const { codeChallenge } = await createPkce();

const withReason = (reason) => (error) => {
  assert.ok(error instanceof BridgeError);
  assert.equal(error.reason, reason);
  return true;
};

async function open(options) {
  const host = mockHost(options);
  const bridge = await connect({ transport: host });
  return { host, bridge, ask: (more) => bridge.requestCode({ scopes: ["openid", "email"], codeChallenge, ...more }) };
}

test("a user who allows gives a code for all that was asked", async () => {
  const { ask } = await open({ miniProgram: { id: "teahouse", version: "1.0.0" } });
  const { code, clientId, state, grantedScopes, deniedScopes } = await ask({ state: "s" });
  assert.match(code, /^mock-code-/);
  assert.deepEqual([clientId, state, grantedScopes, deniedScopes], ["teahouse", "s", ["openid", "email"], {}]);
});

test("a user may deny, close the sheet, or allow a part", async () => {
  for (const [answer, reason] of [
    ["deny", "user_denied"],
    ["dismiss", "user_cancelled"],
    [{ partial: [] }, "user_denied"],
    [{ partial: ["phone"] }, "user_denied"],
  ]) {
    const { ask } = await open({ answer });
    await assert.rejects(ask(), withReason(reason));
  }
  const { ask, bridge } = await open({ answer: { partial: ["openid", "phone"] } });
  const { grantedScopes, deniedScopes } = await ask();
  assert.deepEqual([grantedScopes, deniedScopes], [["openid"], { email: "user_denied" }]);
  assert.deepEqual((await bridge.getGrants()).grants.map(({ scope }) => scope), ["openid"]);
});

test("a slow user answers in the end, and one who never does can be given up", async () => {
  const slow = await open({ answer: { slow: 5, then: "deny" } });
  await assert.rejects(slow.ask(), withReason("user_denied"));
  const hanging = await open({ answer: "hang" });
  await assert.rejects(hanging.ask({ timeout: 5 }), withReason("timeout"));
  await assert.rejects(hanging.ask({ signal: AbortSignal.timeout(5) }), withReason("aborted"));
  const closing = hanging.ask();
  hanging.bridge.close();
  await assert.rejects(closing, withReason("aborted"));
});

test("a script can answer each request in its own way", async () => {
  const asked = [];
  const answer = ({ scopes }) => (asked.push(scopes), scopes.includes("phone") ? "deny" : "allow");
  const { ask } = await open({ answer });
  await ask();
  await assert.rejects(ask({ scopes: ["phone"] }), withReason("user_denied"));
  assert.deepEqual(asked, [["openid", "email"], ["phone"]]);
});

test("what was allowed is remembered, until it is revoked or must be asked again", async () => {
  let asked = 0;
  const { ask, bridge } = await open({ answer: () => (asked++, "allow") });
  await assert.rejects(ask({ prompt: "none" }), withReason("interaction_required"));
  await ask();
  await ask();
  await ask({ prompt: "none" });
  assert.equal(asked, 1);
  await ask({ prompt: "consent" });
  assert.equal(asked, 2);
  assert.deepEqual(await bridge.revoke({ scopes: ["email"] }), { revokedScopes: ["email"], atServer: false });
  await assert.rejects(ask({ prompt: "none" }), withReason("interaction_required"));
  assert.deepEqual(await bridge.revoke(), { revokedScopes: ["openid"], atServer: true });
});

test("sessions and visibility are told to a program that has a grant", async () => {
  const { ask, bridge, host } = await open();
  const told = [];
  bridge.on("auth.sessionChanged", ({ valid }) => told.push(valid));
  bridge.on("host.visibilityChanged", ({ visible }) => told.push({ visible }));
  host.signOut();
  host.signIn();
  assert.deepEqual(told, [], "without a grant there is nothing to tell");
  await ask();
  assert.deepEqual(await bridge.checkSession(), { valid: true });
  host.signOut();
  assert.deepEqual(await bridge.checkSession(), { valid: false });
  await assert.rejects(ask(), withReason("login_required"));
  host.signIn();
  host.show(false);
  assert.deepEqual(told, [false, true, { visible: false }]);
});

test("a mistake that a real host would refuse is refused here", async () => {
  const { ask, bridge } = await open({ scopes: ["openid"] });
  await assert.rejects(ask({ scopes: [] }), withReason("invalid_request"));
  await assert.rejects(ask({ scopes: ["openid", "openid"] }), withReason("invalid_request"));
  await assert.rejects(ask({ codeChallenge: "short" }), withReason("invalid_request"));
  await assert.rejects(ask(), (error) => {
    assert.deepEqual(error.data.scopes, ["email"]);
    return withReason("scope_not_declared")(error);
  });
  await assert.rejects(bridge.call("toString"), withReason("unsupported_method"));
  const versions = { min: 2, max: 3 };
  await assert.rejects(connect({ transport: mockHost(), versions }), withReason("unsupported_version"));
});

test("a script that is none says so instead of hanging", async () => {
  const { ask } = await open({ answer: "maybe" });
  await assert.rejects(ask(), (error) => {
    assert.match(error.message, /maybe/);
    return withReason("internal")(error);
  });
});

test("it refuses to run where a real host shows the page", () => {
  globalThis.minihost = { postMessage() {} };
  assert.throws(() => mockHost(), withReason("invalid_request"));
  delete globalThis.minihost;
  globalThis.webkit = { messageHandlers: { minihost: {} } };
  assert.throws(() => mockHost(), withReason("invalid_request"));
  delete globalThis.webkit;
  globalThis.self = globalThis;
  globalThis.parent = {};
  assert.throws(() => mockHost(), withReason("invalid_request"));
});

test("in a page it says once that it is a mock", () => {
  const shown = [];
  globalThis.document = {
    body: { append: (element) => shown.push(element) },
    getElementById: (id) => shown.find((element) => element.id === id),
    createElement: () => ({ style: {}, setAttribute() {} }),
  };
  mockHost();
  mockHost();
  assert.equal(shown.length, 1);
  assert.match(shown[0].textContent, /^Mock host/);
});
