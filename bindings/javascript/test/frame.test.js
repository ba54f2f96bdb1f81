import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { openBridge } from "../src/bridge.js";
import { BridgeError } from "../src/index.js";
import { findTransport } from "../src/transports/find.js";
import { FakeFrame, FakeHost } from "./support.js";

const HOST = "https://host.example";
const hosts = [];
afterEach(() => hosts.splice(0).forEach((host) => host.close()));

function newHost(handlers) {
  const host = new FakeHost(handlers);
  hosts.push(host);
  return host;
}

const find = (frame, hostOrigins, timeout = 5000) => findTransport(frame, { hostOrigins }, timeout);
const open = async (frame, hostOrigins) => openBridge(await find(frame, hostOrigins), { min: 1, max: 1 }, 5000);

const withReason = (reason) => (error) => {
  assert.ok(error instanceof BridgeError);
  assert.equal(error.reason, reason);
  return true;
};

test("a frame says hello to its host's exact origins, never to any, and talks over the port", async () => {
  const host = newHost({ "a.b": ({ id }) => host.reply(id, "ok") });
  const frame = new FakeFrame({ host });
  const bridge = await open(frame, ["https://other.example", HOST]);
  assert.equal(await bridge.call("a.b"), "ok");
  assert.deepEqual(frame.posted, [
    { data: { minihost: "hello" }, targetOrigin: "https://other.example" },
    { data: { minihost: "hello" }, targetOrigin: HOST },
  ]);
});

test("a page framed by a stranger is told at once and says nothing", async () => {
  const frame = new FakeFrame({ ancestorOrigins: ["https://evil.example", HOST] });
  await assert.rejects(find(frame, [HOST]), withReason("untrusted_origin"));
  assert.deepEqual(frame.posted, []);
});

test("a frame without exact hostOrigins refuses to run", async () => {
  const inexact = [
    undefined,
    [],
    "https://host.example",
    ["*"],
    ["null"],
    ["https://host.example/"],
    ["https://host.example/path"],
    ["https://HOST.example"],
    ["https://*.example"],
    ["https://user@host.example"],
    ["https://host.example:443"],
    ["https://host.example:99999"],
    [HOST, "https://bücher.example"],
    ["host.example"],
    [HOST, ""],
    [null],
  ];
  for (const hostOrigins of inexact) {
    const frame = new FakeFrame({ host: newHost() });
    await assert.rejects(find(frame, hostOrigins), withReason("invalid_request"), `${hostOrigins}`);
    assert.deepEqual(frame.posted, []);
  }
});

test("a port is taken only from the parent, only from its origin, only in the known form", async () => {
  const frame = new FakeFrame();
  const host = newHost();
  const ports = [new MessageChannel().port1];
  const finding = find(frame, [HOST]);
  frame.deliver({ source: {}, origin: HOST, ports });
  frame.deliver({ source: null, origin: HOST, ports });
  for (const origin of [
    "https://evil.example",
    "https://host.example.evil.example",
    "https://evil-host.example",
    "http://host.example",
    "https://host.example:8443",
    "https://host.example.",
    "null",
    "",
  ]) {
    frame.deliver({ origin, ports });
  }
  frame.deliver({ origin: HOST, data: { minihost: "hello" }, ports });
  frame.deliver({ origin: HOST, data: null, ports });
  frame.deliver({ origin: HOST, ports: [] });
  frame.deliver({ origin: HOST, ports: [...ports, ...ports] });
  frame.deliver({ origin: HOST, ports: [host.pagePort] });
  frame.deliver({ origin: HOST, ports });

  const transport = await finding;
  transport.subscribe(
    () => {},
    () => {},
  );
  transport.send(JSON.stringify({ method: "through.the.right.port" }));
  assert.ok(await host.message("through.the.right.port"));
  ports[0].close();
});

test("a parent that never answers is a timeout", async () => {
  await assert.rejects(find(new FakeFrame(), [HOST], 20), withReason("timeout"));
});

test("a time that no timer can hold is not over at once", async () => {
  const frame = new FakeFrame();
  const finding = find(frame, [HOST], Infinity);
  // A timer that fired at once would come before this one.
  await new Promise((resolve) => setTimeout(resolve, 1));
  const { port1, port2 } = new MessageChannel();
  frame.deliver({ origin: HOST, ports: [port1] });
  await finding;
  port2.close();
});

test("a handshake leaves no listener, whether it gets a port or not", async () => {
  const frame = new FakeFrame({ host: newHost() });
  const listeners = new Set();
  frame.addEventListener = (type, listener) => {
    listeners.add(listener);
    EventTarget.prototype.addEventListener.call(frame, type, listener);
  };
  frame.removeEventListener = (type, listener) => listeners.delete(listener);
  await find(frame, [HOST]);
  await assert.rejects(find(frame, ["https://other.example"], 1), withReason("timeout"));
  frame.parent.postMessage = () => {
    throw new SyntaxError("no origin");
  };
  await assert.rejects(find(frame, [HOST]), SyntaxError);
  assert.equal(listeners.size, 0);
});

test("when the host closes its port, every call settles and the bridge ends", async () => {
  const host = newHost();
  const bridge = await open(new FakeFrame({ host }), [HOST]);
  const closed = new Promise((resolve) => bridge.on("close", resolve));
  const calls = [bridge.call("a.b"), bridge.requestCode({ scopes: ["openid"], codeChallenge: "c" })];
  await host.message("auth.requestCode");
  host.port.close();
  for (const call of calls) await assert.rejects(call, withReason("context_destroyed"));
  withReason("context_destroyed")(await closed);
  await assert.rejects(bridge.call("a.b"), withReason("context_destroyed"));
});

test("closing the bridge closes the port", async () => {
  const host = newHost();
  const bridge = await open(new FakeFrame({ host }), [HOST]);
  const closed = new Promise((resolve) => host.port.addEventListener("close", resolve));
  bridge.close();
  await closed;
});
