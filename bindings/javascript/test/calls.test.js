import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { BridgeError, connect } from "../src/index.js";
import { FakeHost, initialized, issuedCode } from "./support.js";

const hosts = [];
afterEach(() => hosts.splice(0).forEach((host) => host.close()));

async function open(handlers) {
  const host = new FakeHost(handlers);
  hosts.push(host);
  return { host, bridge: await connect({ transport: host.vendorChannel() }) };
}

/** Waits until everything that was sent before has been handled on both sides. */
async function drain(host, bridge) {
  host.handle("drain", ({ id }) => host.reply(id, null));
  await bridge.call("drain");
}

/** Counts how often a promise settles, which must be once. */
function settles(promise) {
  const seen = [];
  promise.then(
    (value) => seen.push(value),
    (error) => seen.push(error),
  );
  return seen;
}

const withReason = (reason) => (error) => {
  assert.ok(error instanceof BridgeError);
  assert.equal(error.reason, reason);
  return true;
};

test("a reply settles the call it names, in whatever order replies come", async () => {
  const { host, bridge } = await open();
  const first = bridge.call("a.first", { n: 1 });
  const second = bridge.call("a.second");
  const [a, b] = [await host.message("a.first"), await host.message("a.second")];
  assert.deepEqual(a.params, { n: 1 });
  host.reply(b.id, "second");
  host.reply(a.id, "first");
  assert.deepEqual(await Promise.all([first, second]), ["first", "second"]);
});

test("ids are never reused and differ between two bridges", async () => {
  const echo = { "a.b": () => {} };
  const [one, other] = [await open(echo), await open(echo)];
  const ids = [];
  for (const { host, bridge } of [one, other]) {
    for (let n = 0; n < 3; n++) bridge.call("a.b").catch(() => {});
    await drain(host, bridge);
    ids.push(...host.received.map(({ id }) => id));
    bridge.close();
  }
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(ids.every((id) => typeof id === "string" && id.length <= 64));
});

test("a call that gets no reply times out once and is cancelled at the host", async () => {
  const { host, bridge } = await open();
  const call = bridge.call("a.silent", {}, { timeout: 20 });
  const seen = settles(call);
  await assert.rejects(call, withReason("timeout"));
  const { id } = await host.message("a.silent");
  assert.deepEqual((await host.message("$/cancelRequest")).params, { id });
  host.reply(id, "too late");
  await drain(host, bridge);
  assert.equal(seen.length, 1);
});

test("an aborted call settles once as aborted and is cancelled at the host", async () => {
  const { host, bridge } = await open();
  const controller = new AbortController();
  const call = bridge.requestCode({ scopes: ["openid"], codeChallenge: "c", signal: controller.signal });
  const seen = settles(call);
  const { id } = await host.message("auth.requestCode");
  controller.abort(new Error("changed my mind"));
  await assert.rejects(call, (error) => {
    assert.equal(error.cause.message, "changed my mind");
    return withReason("aborted")(error);
  });
  const cancel = await host.message("$/cancelRequest");
  assert.deepEqual(cancel.params, { id });
  assert.ok(!("id" in cancel), "a cancellation is a notification");
  host.refuse(id, -32800, { reason: "aborted", retryable: false });
  await drain(host, bridge);
  assert.equal(seen.length, 1);
});

test("an abort after the reply changes nothing and cancels nothing", async () => {
  const { host, bridge } = await open({ "a.b": ({ id }) => host.reply(id, 1) });
  const controller = new AbortController();
  assert.equal(await bridge.call("a.b", {}, { signal: controller.signal }), 1);
  controller.abort();
  await drain(host, bridge);
  assert.ok(!host.received.some(({ method }) => method === "$/cancelRequest"));
});

test("a call whose signal is already aborted is never sent", async () => {
  const { host, bridge } = await open();
  const call = bridge.call("a.b", {}, { signal: AbortSignal.abort() });
  await assert.rejects(call, withReason("aborted"));
  await drain(host, bridge);
  assert.ok(!host.received.some(({ method }) => method === "a.b"));
});

test("close settles what waits as aborted, cancels it at the host, and ends the bridge", async () => {
  const { host, bridge } = await open();
  const calls = [bridge.call("a.b"), bridge.call("a.c")];
  const seen = calls.map(settles);
  const closed = new Promise((resolve) => bridge.on("close", resolve));
  const ids = [(await host.message("a.b")).id, (await host.message("a.c")).id];
  bridge.close();
  bridge.close();
  for (const call of calls) await assert.rejects(call, withReason("aborted"));
  withReason("aborted")(await closed);
  const cancelled = await host.messages("$/cancelRequest", 2);
  assert.deepEqual(
    cancelled.map(({ params }) => params.id),
    ids,
  );
  await assert.rejects(bridge.call("a.d"), withReason("context_destroyed"));
  assert.deepEqual(
    seen.map((each) => each.length),
    [1, 1],
  );
});

test("an unknown method is refused by its reason", async () => {
  const { host, bridge } = await open({
    "vendor.none": ({ id }) =>
      host.refuse(id, -32601, { reason: "unsupported_method", retryable: false, correlationId: "x-1" }),
  });
  assert.equal(bridge.supports("vendor.none"), false);
  assert.equal(bridge.supports("auth.requestCode"), true);
  await assert.rejects(bridge.call("vendor.none"), (error) => {
    assert.equal(error.correlationId, "x-1");
    assert.equal(error.retryable, false);
    return withReason("unsupported_method")(error);
  });
});

test("the second of two replies and a reply to no call are ignored", async () => {
  const { host, bridge } = await open({
    "a.b": ({ id }) => {
      host.reply("no-such-call", "stray");
      host.reply(id, "one");
      host.refuse(id, -32603, { reason: "internal" });
    },
  });
  const call = bridge.call("a.b");
  const seen = settles(call);
  assert.equal(await call, "one");
  await drain(host, bridge);
  assert.deepEqual(seen, ["one"]);
});

test("a reply that says neither or both of result and error fails its call alone", async () => {
  const { host, bridge } = await open({
    "a.neither": ({ id }) => host.send({ id }),
    "a.both": ({ id }) => host.send({ id, result: 1, error: { code: 1, message: "m" } }),
    "a.good": ({ id }) => host.reply(id, "good"),
  });
  await assert.rejects(bridge.call("a.neither"), withReason("internal"));
  await assert.rejects(bridge.call("a.both"), withReason("internal"));
  assert.equal(await bridge.call("a.good"), "good");
});

test("texts that are no message of the protocol are dropped and harm nothing", async () => {
  const { host, bridge } = await open({ "a.b": ({ id }) => host.reply(id, "ok") });
  for (const text of ["", "{", "null", "[]", "7", '{"id":1,"result":1}', '{"jsonrpc":"1.0","id":"x"}']) {
    host.raw(text);
  }
  host.raw({ jsonrpc: "2.0", id: "an object, not a text", result: 1 });
  host.send({ id: "x", method: "page.doThis" });
  assert.equal(await bridge.call("a.b"), "ok");
});

test("an error that gives no reason is internal", async () => {
  const errors = {
    bare: { code: -32601, message: "m" },
    empty: { code: -32602, message: "m", data: null },
    text: "no object",
    none: null,
  };
  const { host, bridge } = await open({
    "a.fail": ({ id, params }) => host.send({ id, error: errors[params.kind] }),
  });
  for (const kind of Object.keys(errors)) {
    const error = await bridge.call("a.fail", { kind }).catch((e) => e);
    assert.ok(error instanceof BridgeError && error instanceof Error);
    assert.equal(error.reason, "internal");
    assert.equal(error.retryable, false);
    assert.equal(error.retryAfter, undefined);
    assert.notEqual(error.message, "");
  }
});

test("an error brings what the host said about it", async () => {
  const { host, bridge } = await open({
    "a.cooldown": ({ id }) =>
      host.refuse(id, -32000, { reason: "cooldown", retryable: true, retryAfter: 30, correlationId: "c-7" }),
    "a.scope": ({ id }) => host.refuse(id, -32602, { reason: "scope_not_declared", scopes: ["x"] }),
    "a.new": ({ id }) => host.refuse(id, -32000, { reason: "reason_of_a_newer_host" }),
  });
  const cooldown = await bridge.call("a.cooldown").catch((error) => error);
  const { reason, retryable, retryAfter, correlationId, message, name } = cooldown;
  assert.deepEqual(
    { reason, retryable, retryAfter, correlationId, message, name },
    {
      reason: "cooldown",
      retryable: true,
      retryAfter: 30,
      correlationId: "c-7",
      message: "for developers",
      name: "BridgeError",
    },
  );
  const scope = await bridge.call("a.scope").catch((error) => error);
  assert.deepEqual(scope.data, { scopes: ["x"] });
  await assert.rejects(bridge.call("a.new"), withReason("reason_of_a_newer_host"));
});

test("requestCode sends what the protocol knows, always S256, and nothing else", async () => {
  const { host, bridge } = await open({ "auth.requestCode": ({ id }) => host.reply(id, issuedCode()) });
  const request = {
    scopes: ["openid"],
    codeChallenge: "c",
    redirectUri: "https://tea.example/callback",
    state: "state-1",
    nonce: "n",
    prompt: "consent",
    audience: "https://api.example",
    acrValues: ["gold"],
    maxAge: 60,
  };
  const code = await bridge.requestCode({ ...request, codeVerifier: "stays", timeout: 5000 });
  assert.deepEqual(code, issuedCode());
  const { params } = await host.message("auth.requestCode");
  assert.deepEqual(params, { ...request, codeChallengeMethod: "S256" });
});

test("a code with another state, or without a code, is not handed on", async () => {
  const answers = [issuedCode({ state: "another" }), issuedCode({ state: undefined }), issuedCode({ code: "" }), null];
  const { host, bridge } = await open({
    "auth.requestCode": ({ id }) => host.reply(id, answers.shift()),
  });
  const ask = () => bridge.requestCode({ scopes: ["openid"], codeChallenge: "c", state: "state-1" });
  for (let n = 0; n < 4; n++) await assert.rejects(ask(), withReason("server_error"));
  assert.deepEqual(answers, []);
});

test("grants, revoking, the session and the settings are asked for by their methods", async () => {
  const results = {
    "auth.getGrants": { grants: [{ scope: "email", grantedAt: "2026-11-25T12:00:00Z" }] },
    "auth.revoke": { revokedScopes: ["email"], atServer: true },
    "auth.checkSession": { valid: true },
    "host.openSettings": {},
  };
  const { host, bridge } = await open();
  for (const [method, result] of Object.entries(results)) host.handle(method, ({ id }) => host.reply(id, result));
  assert.deepEqual(await bridge.getGrants(), results["auth.getGrants"]);
  assert.deepEqual(await bridge.revoke({ scopes: ["email"] }), results["auth.revoke"]);
  assert.deepEqual(await bridge.revoke(), results["auth.revoke"]);
  assert.deepEqual(await bridge.checkSession(), results["auth.checkSession"]);
  assert.deepEqual(await bridge.openSettings(), results["host.openSettings"]);
  const revoked = await host.messages("auth.revoke", 2);
  assert.deepEqual(revoked.map(({ params }) => params), [{ scopes: ["email"] }, {}]);
});

test("each of them can be given up", async () => {
  const { bridge } = await open();
  const signal = AbortSignal.abort();
  for (const name of ["getGrants", "revoke", "checkSession", "openSettings"]) {
    await assert.rejects(bridge[name]({ signal }), withReason("aborted"), name);
    await assert.rejects(bridge[name]({ timeout: 5 }), withReason("timeout"), name);
  }
});

test("what JSON cannot say is refused and never sent", async () => {
  const { host, bridge } = await open();
  const cyclic = {};
  cyclic.self = cyclic;
  for (const params of [cyclic, { n: 1n }]) {
    await assert.rejects(bridge.call("a.b", params), (error) => {
      assert.ok(error.cause instanceof TypeError);
      return withReason("invalid_request")(error);
    });
  }
  await drain(host, bridge);
  assert.ok(!host.received.some(({ method }) => method === "a.b"));
});

/** How a host refuses a message that it cannot read: without saying which. */
const unreadable = (host) =>
  host.send({ id: null, error: { code: -32600, message: "too deep", data: { reason: "invalid_request" } } });

test("a refusal that names no call fails the youngest that waits, and no other", async () => {
  const { host, bridge } = await open({ "a.large": () => unreadable(host) });
  const waits = settles(bridge.requestCode({ scopes: ["openid"], codeChallenge: "c" }));
  await assert.rejects(bridge.call("a.large"), (error) => {
    assert.equal(error.message, "too deep");
    return withReason("invalid_request")(error);
  });
  await drain(host, bridge);
  assert.deepEqual(waits, []);
  bridge.close();
});

test("a refusal that names no call harms nothing where none waits", async () => {
  const { host, bridge } = await open({ "a.b": ({ id }) => host.reply(id, "ok") });
  const heard = new Promise((resolve) => bridge.on("a.event", resolve));
  unreadable(host);
  host.send({ method: "a.event" });
  await heard;
  assert.equal(await bridge.call("a.b"), "ok");
});

test("a result that names no call settles none", async () => {
  const { host, bridge } = await open({ "a.b": ({ id }) => host.reply(id, "ok") });
  const waits = settles(bridge.requestCode({ scopes: ["openid"], codeChallenge: "c" }));
  host.send({ id: null, result: issuedCode({ code: "forged", state: undefined }) });
  host.send({ result: issuedCode({ code: "forged", state: undefined }) });
  host.send({ id: null });
  await drain(host, bridge);
  assert.deepEqual(waits, []);
  assert.equal(await bridge.call("a.b"), "ok");
  bridge.close();
});

test("a timeout that no timer can hold does not fire at once", async () => {
  const { host, bridge } = await open();
  const seen = [2 ** 31, Infinity].map((timeout) => settles(bridge.call("a.silent", {}, { timeout })));
  await host.messages("a.silent", 2);
  await drain(host, bridge);
  assert.deepEqual(seen, [[], []]);
  bridge.close();
});

test("events reach their listeners until these stop listening", async () => {
  const { host, bridge } = await open();
  const heard = [];
  const stop = bridge.on("auth.sessionChanged", (params) => heard.push(params));
  bridge.on("auth.sessionChanged", (params) => heard.push(params));
  host.send({ method: "auth.sessionChanged", params: { valid: true } });
  host.send({ method: "nobody.listens" });
  await drain(host, bridge);
  stop();
  stop();
  host.send({ method: "auth.sessionChanged", params: { valid: false } });
  await drain(host, bridge);
  assert.deepEqual(heard, [{ valid: true }, { valid: true }, { valid: false }]);
});

test("a host cannot say that the bridge has ended", async () => {
  const { host, bridge } = await open();
  const heard = settles(new Promise((resolve) => bridge.on("close", resolve)));
  host.send({ method: "close", params: null });
  await drain(host, bridge);
  assert.deepEqual(heard, []);
});

test("a listener's fault surfaces as uncaught and disturbs neither other listeners nor calls", async () => {
  const { host, bridge } = await open();
  const uncaught = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
  const heard = [];
  bridge.on("a.event", () => {
    throw new Error("the listener's own");
  });
  bridge.on("a.event", () => heard.push("second"));
  host.send({ method: "a.event" });
  await drain(host, bridge);
  assert.deepEqual(heard, ["second"]);
  assert.equal((await uncaught).message, "the listener's own");
  process.setUncaughtExceptionCaptureCallback(null);
});
