import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { BridgeError, connect } from "../src/index.js";
import { FakeHost, initialized } from "./support.js";

const hosts = [];
afterEach(() => {
  hosts.splice(0).forEach((host) => host.close());
  delete globalThis.minihost;
  delete globalThis.webkit;
});

function newHost(handlers) {
  const host = new FakeHost(handlers);
  hosts.push(host);
  return host;
}

const withReason = (reason) => (error) => {
  assert.ok(error instanceof BridgeError);
  assert.equal(error.reason, reason);
  return true;
};

test("connect offers its versions first and tells what the host said", async () => {
  const host = newHost();
  const bridge = await connect({ transport: host.vendorChannel() });
  const [{ jsonrpc, method, params }] = host.received;
  assert.deepEqual([jsonrpc, method], ["2.0", "host.initialize"]);
  assert.deepEqual(params, {
    versions: { min: 1, max: 1 },
    client: { name: "@minihost/bridge", version: "1.0.0" },
  });
  assert.deepEqual(
    [bridge.version, bridge.miniProgram.id, bridge.host.name, bridge.locale, bridge.launch.path],
    [1, "teahouse", "Fake", "zh-Hans", "/menu"],
  );
});

test("no version in common is unsupported_version and tells the host's versions", async () => {
  const host = newHost({
    "host.initialize": ({ id }) =>
      host.refuse(id, -32000, {
        reason: "unsupported_version",
        retryable: false,
        versions: { min: 2, max: 3 },
        correlationId: "v-1",
      }),
  });
  await assert.rejects(connect({ transport: host.vendorChannel() }), (error) => {
    assert.deepEqual(error.data.versions, { min: 2, max: 3 });
    return withReason("unsupported_version")(error);
  });
});

test("a host that chooses a version that was not offered is refused", async () => {
  const host = newHost({
    "host.initialize": ({ id }) => host.reply(id, initialized({ version: 2 })),
  });
  await assert.rejects(connect({ transport: host.vendorChannel() }), withReason("unsupported_version"));
});

test("an answer to initialize that is none fails the connection", async () => {
  for (const answer of [null, {}, initialized({ version: null }), initialized({ capabilities: {} })]) {
    const host = newHost({ "host.initialize": ({ id }) => host.reply(id, answer) });
    await assert.rejects(connect({ transport: host.vendorChannel() }), withReason("unsupported_version"));
  }
});

test("a host that never answers is a timeout, and the channel is let go", async () => {
  const host = newHost({ "host.initialize": () => {} });
  const connecting = connect({ transport: host.vendorChannel(), timeout: 20 });
  await assert.rejects(connecting, withReason("timeout"));
  assert.equal(host.pagePort.onmessage, null);
});

test("outside any container the reason is not_in_container", async () => {
  await assert.rejects(connect(), withReason("not_in_container"));
  await assert.rejects(connect({ hostOrigins: ["https://host.example"] }), withReason("not_in_container"));
});

test("something that is no channel is refused at once", async () => {
  for (const transport of [{}, { send() {} }]) await assert.rejects(connect({ transport }), TypeError);
});

test("Android: the injected object carries calls, replies and events", async () => {
  const host = newHost({ "a.b": ({ id }) => host.reply(id, "ok") });
  globalThis.minihost = { postMessage: (text) => host.pagePort.postMessage(text), onmessage: null };
  host.pagePort.onmessage = ({ data }) => globalThis.minihost.onmessage?.({ data });

  const bridge = await connect();
  assert.equal(await bridge.call("a.b"), "ok");
  const heard = new Promise((resolve) => bridge.on("host.visibilityChanged", resolve));
  host.send({ method: "host.visibilityChanged", params: { visible: false } });
  assert.deepEqual(await heard, { visible: false });
  bridge.close();
  assert.equal(globalThis.minihost.onmessage, null);
});

test("Android: a closed bridge leaves no listener on the injected object", async () => {
  const listeners = new Set();
  globalThis.minihost = {
    postMessage(text) {
      const { id } = JSON.parse(text);
      queueMicrotask(() => this.onmessage?.({ data: reply(id, initialized()) }));
    },
    addEventListener: (type, listener) => listeners.add(listener),
    removeEventListener: (type, listener) => listeners.delete(listener),
  };
  for (let round = 0; round < 3; round++) (await connect()).close();
  assert.equal(listeners.size, 0);
});

/** What WebKit puts into the page for a handler with reply. */
function iosWindow(answer) {
  globalThis.webkit = { messageHandlers: { minihost: { postMessage: async (text) => answer(JSON.parse(text)) } } };
  const events = new EventTarget();
  globalThis.addEventListener = events.addEventListener.bind(events);
  globalThis.removeEventListener = events.removeEventListener.bind(events);
  return events;
}

const reply = (id, result) => JSON.stringify({ jsonrpc: "2.0", id, result });

test("iOS: replies come by the promise and events by the window", async () => {
  const told = [];
  const events = iosWindow(({ id, method, params }) => {
    if (id === undefined) return told.push([method, params]), null;
    return method === "a.never" ? new Promise(() => {}) : reply(id, method === "a.b" ? "ok" : initialized());
  });
  const bridge = await connect();
  assert.equal(await bridge.call("a.b"), "ok");

  const heard = new Promise((resolve) => bridge.on("auth.sessionChanged", resolve));
  const data = JSON.stringify({ jsonrpc: "2.0", method: "auth.sessionChanged", params: { valid: false } });
  events.dispatchEvent(Object.assign(new Event("minihost"), { data }));
  assert.deepEqual(await heard, { valid: false });

  await assert.rejects(bridge.call("a.never", {}, { timeout: 10 }), withReason("timeout"));
  assert.equal(told[0][0], "$/cancelRequest");
  bridge.close();
});

test("iOS: a promise that brings nothing, nonsense, or a rejection settles its call", async () => {
  const answers = {
    "host.initialize": (id) => reply(id, initialized()),
    "a.null": () => null,
    "a.nonsense": () => "<html>",
    "a.gone": () => Promise.reject(new Error("the handler was removed")),
    "a.good": (id) => reply(id, "good"),
  };
  iosWindow(({ id, method }) => answers[method](id));
  const bridge = await connect();
  await assert.rejects(bridge.call("a.null"), withReason("internal"));
  await assert.rejects(bridge.call("a.nonsense"), withReason("internal"));
  await assert.rejects(bridge.call("a.gone"), withReason("context_destroyed"));
  assert.equal(await bridge.call("a.good"), "good");
  bridge.close();
});

test("iOS: a refusal that names no call fails the call that it answers, not the youngest", async () => {
  const error = { code: -32700, message: "m", data: { reason: "invalid_request" } };
  const refusal = JSON.stringify({ jsonrpc: "2.0", id: null, error });
  let goOn;
  const isRefused = new Promise((resolve) => (goOn = resolve));
  iosWindow(({ id, method }) => {
    if (method === "a.large") return refusal;
    return method === "a.b" ? isRefused.then(() => reply(id, "ok")) : reply(id, initialized());
  });
  const bridge = await connect();
  const large = bridge.call("a.large");
  const younger = bridge.call("a.b");
  await assert.rejects(large, withReason("invalid_request"));
  goOn();
  assert.equal(await younger, "ok");
  bridge.close();
});

test("a vendor that tells that the host is gone while it is subscribed to fails the connection", async () => {
  let left = 0;
  const subscribe = (onMessage, onGone) => (onGone(), () => left++);
  const connecting = connect({ transport: { send() {}, subscribe } });
  await assert.rejects(connecting, withReason("context_destroyed"));
  assert.equal(left, 1);
});

test("a vendor's send that throws settles its call", async () => {
  let isGone = false;
  const host = newHost();
  const channel = host.vendorChannel();
  const send = (text) => {
    if (isGone) throw new Error("runtime gone");
    channel.send(text);
  };
  const bridge = await connect({ transport: { ...channel, send } });
  isGone = true;
  await assert.rejects(bridge.call("a.b"), (error) => {
    assert.equal(error.cause.message, "runtime gone");
    return withReason("context_destroyed")(error);
  });
});
