import assert from "node:assert/strict";
import { on, once } from "node:events";
import { test } from "node:test";

import { awaitPort } from "../src/transports/awaited.js";

/** A window to which the container posts by `postWebMessage`, and others by `postMessage`. */
function pageWindow() {
  const window = new EventTarget();
  const post = (members) => {
    const event = Object.assign(new Event("message"), { source: null, origin: "", ports: [], ...members });
    window.dispatchEvent(event);
  };
  return { window, post };
}

const given = (port) => ({ data: "minihost-port", ports: [port] });

test("what is sent before the port comes waits for it, and answers come back", async (t) => {
  const { window, post } = pageWindow();
  awaitPort(window);
  window.minihost.postMessage("early");
  const { port1, port2 } = new MessageChannel();
  t.after(() => port1.close());
  post(given(port2));
  window.minihost.postMessage("late");
  const received = [];
  for await (const [text] of on(port1, "message")) if (received.push(text) === 2) break;
  assert.deepEqual(received, ["early", "late"]);
  const answered = new Promise((resolve) => (window.minihost.onmessage = ({ data }) => resolve(data)));
  port1.postMessage("answer");
  assert.equal(await answered, "answer");
});

test("a port that a page or a frame sends is not taken, nor is a second one", async (t) => {
  const { window, post } = pageWindow();
  awaitPort(window);
  const [wrong, right, second] = [new MessageChannel(), new MessageChannel(), new MessageChannel()];
  t.after(() => [wrong, right, second].forEach(({ port1 }) => port1.close()));
  post({ ...given(wrong.port2), source: {}, origin: "https://frame.example" });
  post({ ...given(wrong.port2), origin: "null" });
  post({ ...given(wrong.port2), data: { minihost: "port" } });
  post(given(right.port2));
  post(given(second.port2));
  window.minihost.postMessage("hello");
  assert.deepEqual(await once(right.port1, "message"), ["hello"]);
});

test("a listener object that is there already is left alone", () => {
  const { window } = pageWindow();
  const listener = { postMessage() {} };
  window.minihost = listener;
  awaitPort(window);
  assert.equal(window.minihost, listener);
});

test("at document start the page side has a name that the page cannot change", async () => {
  await import("../src/document-start.js");
  await import("../src/document-start.js?again");
  assert.deepEqual(Object.keys(globalThis.minihostBridge), ["connect", "createPkce", "BridgeError"]);
  assert.throws(() => (globalThis.minihostBridge = null), TypeError);
  await assert.rejects(globalThis.minihostBridge.connect(), ({ reason }) => reason === "not_in_container");
});
