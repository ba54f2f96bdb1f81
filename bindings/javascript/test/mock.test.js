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
  await assert.rejects(ask({ prompt: "none" }), withReason("consent_required"));
  assert.deepEqual(await bridge.revoke(), { revokedScopes: ["openid"], atServer: true });
  assert.deepEqual(await bridge.revoke(), { revokedScopes: [], atServer: false });
});

test("only what is missing is asked for, and what was granted before comes too", async () => {
  const asked = [];
  let allowed;
  const answer = ({ scopes }) => (asked.push(scopes), { partial: allowed });
  const { ask, bridge } = await open({ answer });
  allowed = ["openid"];
  await ask();
  allowed = ["phone"];
  const { grantedScopes, deniedScopes } = await ask({ scopes: ["openid", "email", "phone"] });
  assert.deepEqual([grantedScopes, deniedScopes], [["openid", "phone"], { email: "user_denied" }]);
  allowed = ["email"];
  await ask({ scopes: ["openid", "email"], prompt: "consent" });
  assert.deepEqual(asked, [["openid", "email"], ["email", "phone"], ["openid", "email"]]);
  const { grants } = await bridge.getGrants();
  assert.deepEqual(grants.map(({ scope }) => scope).sort(), ["email", "phone"]);
});

test("a user who is asked again takes back by denying, not by closing the sheet", async () => {
  let next = "allow";
  const { ask, bridge } = await open({ answer: () => next });
  await ask();
  const told = [];
  bridge.on("auth.grantsChanged", ({ grants }) => told.push(grants.map(({ scope }) => scope)));
  next = "dismiss";
  await assert.rejects(ask({ prompt: "consent" }), withReason("user_cancelled"));
  assert.equal((await bridge.getGrants()).grants.length, 2);
  next = "deny";
  await assert.rejects(ask({ scopes: ["email"], prompt: "consent" }), withReason("user_denied"));
  assert.deepEqual(told, [["openid"]]);
});

test("whoever may not ask learns why only with a grant, as at a real host", async () => {
  const { ask, host } = await open();
  const email = { scopes: ["email"] };
  const refusals = async () => {
    const reasons = [];
    for (const prompt of ["auto", "none"]) {
      reasons.push(await ask({ ...email, prompt }).then(() => "a code", ({ reason }) => reason));
    }
    return reasons;
  };
  host.show(false);
  assert.deepEqual(await refusals(), ["interaction_required", "interaction_required"]);
  host.show(true);
  host.signOut();
  assert.deepEqual(await refusals(), ["login_required", "interaction_required"]);
  host.show(false);
  assert.deepEqual(await refusals(), ["interaction_required", "interaction_required"]);
  host.show(true);
  host.signIn();
  await ask({ scopes: ["openid"] });
  host.show(false);
  assert.deepEqual(await refusals(), ["interaction_required", "consent_required"]);
  assert.ok((await ask({ scopes: ["openid"] })).code, "what is granted needs nobody to see it");
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

test("settings hide the page while the user is there", async () => {
  const { ask, bridge } = await open({ settings: { revoke: ["email", "phone"], takes: 5 } });
  await ask();
  const told = [];
  bridge.on("host.visibilityChanged", ({ visible }) => told.push(visible));
  bridge.on("auth.grantsChanged", ({ grants }) => told.push(grants.map(({ scope }) => scope)));
  const back = new Promise((resolve) => bridge.on("host.visibilityChanged", ({ visible }) => visible && resolve()));
  assert.deepEqual(await bridge.openSettings(), {});
  await assert.rejects(ask({ scopes: ["phone"] }), withReason("interaction_required"));
  await back;
  assert.deepEqual(told, [false, ["openid"], true]);
});

test("a mistake that a real host would refuse is refused here", async () => {
  const { ask, bridge } = await open({ scopes: ["openid"] });
  const many = Array.from({ length: 33 }, (_, n) => `scope-${n}`);
  for (const scopes of [[], ["openid", "openid"], ["open id"], ["é"], many]) {
    await assert.rejects(ask({ scopes }), withReason("invalid_scope"));
  }
  for (const wrong of [
    { scopes: "openid" },
    { scopes: undefined },
    { scopes: [1] },
    { codeChallenge: "short" },
    { codeChallenge: [codeChallenge] },
    { prompt: "bogus" },
    { state: 7 },
    { state: "s".repeat(1025) },
    { nonce: "n".repeat(257) },
    { redirectUri: {} },
    { audience: null },
    { acrValues: "gold" },
    { maxAge: -1 },
  ]) {
    await assert.rejects(ask(wrong), withReason("invalid_request"), JSON.stringify(wrong));
  }
  await assert.rejects(bridge.revoke({ scopes: "openid" }), withReason("invalid_request"));
  await assert.rejects(bridge.revoke({ scopes: [] }), withReason("invalid_scope"));
  await assert.rejects(bridge.call("auth.getGrants", null), withReason("invalid_request"));
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

/** A page that shows nothing but what is put into its body, which is there once it is parsed. */
class Page extends EventTarget {
  shown = [];
  body = null;

  parse() {
    this.body = { append: (element) => this.shown.push(element) };
    this.dispatchEvent(new Event("DOMContentLoaded"));
  }

  getElementById(id) {
    return this.shown.find((element) => element.id === id);
  }

  createElement() {
    return { style: {}, setAttribute() {} };
  }
}

test("in a page it says once that it is a mock", () => {
  const page = new Page();
  page.parse();
  globalThis.document = page;
  mockHost();
  mockHost();
  assert.equal(page.shown.length, 1);
  assert.match(page.shown[0].textContent, /^Mock host/);
});

test("in a page that is still being read it says so once there is a body", () => {
  const page = new Page();
  globalThis.document = page;
  mockHost();
  mockHost();
  assert.deepEqual(page.shown, []);
  page.parse();
  assert.equal(page.shown.length, 1);
});
