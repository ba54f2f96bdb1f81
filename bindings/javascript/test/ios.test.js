import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { connect } from "../src/index.js";
import { iosTransport } from "../src/transports/ios.js";
import { initialized } from "./support.js";

/** The very script that the container of iOS runs at the start of each document. */
const swift = new URL("../../swift/Sources/MiniHostWebKit/BridgeScript.swift", import.meta.url);
const [, script] = /static let source = #"""\n([^]*?)\n\s*"""#/.exec(readFileSync(swift, "utf8"));
const [, deliver] = /static let deliver = "(.*)"/.exec(readFileSync(swift, "utf8"));

function page() {
  const window = new EventTarget();
  const world = { window, EventTarget, MessageEvent, location: { origin: "https://tea.example" } };
  runInNewContext(script, world);
  const tell = (text, origin = "https://tea.example") =>
    runInNewContext(`((text, origin) => { ${deliver} })`, world)(text, origin);
  return { window, world, tell };
}

test("an event of the host reaches the bridge, though the page has replaced what carries it", async () => {
  const { window, world, tell } = page();
  const send = async (text) => JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(text).id, result: initialized() });
  const bridge = await connect({ transport: iosTransport({ postMessage: send }, window) });
  const heard = [];
  bridge.on("host.visibilityChanged", (told) => heard.push(told));
  world.MessageEvent = undefined;
  window.dispatchEvent = () => assert.fail("the page's own");
  const params = { visible: false, odd: "'\"`${x}\u2028</script>" };
  tell(JSON.stringify({ jsonrpc: "2.0", method: "host.visibilityChanged", params }));
  assert.deepEqual(heard, [params]);
});

test("the page can neither take the way of events away nor find it by looking around", () => {
  const { window } = page();
  assert.deepEqual(Object.keys(window), []);
  assert.throws(() => Object.defineProperty(window, "__minihostDeliver", { value: () => {} }), TypeError);
});

test("an event for one page does not reach the page of another origin that has taken its place", () => {
  const { window, tell } = page();
  const heard = [];
  window.addEventListener("minihost", ({ data }) => heard.push(data));
  for (const origin of ["https://tea.example.evil.example", "https://tea.example:8443", "null"]) {
    tell("for another", origin);
  }
  tell("for this one");
  assert.deepEqual(heard, ["for this one"]);
});

test("keys and clicks are told of where the user made them, and not where a page has", () => {
  const [, gestures] = /static let gestures = #"""\n([^]*?)\n\s*"""#/.exec(readFileSync(swift, "utf8"));
  const told = [];
  const heard = {};
  const minihostGesture = { postMessage: (what) => told.push(what) };
  const window = {
    webkit: { messageHandlers: { minihostGesture } },
    addEventListener: (type, hear, capture) => Object.assign(heard, { [type]: capture && hear }),
  };
  for (const navigator of [{ userActivation: { isActive: true } }, { userActivation: { isActive: false } }, {}]) {
    runInNewContext(gestures, { window, navigator });
    for (const isTrusted of [false, true]) {
      for (const key of ["Escape", "Enter"]) heard.keydown({ isTrusted, key });
      heard.click({ isTrusted });
    }
  }
  assert.deepEqual(told, ["key", "click", "key", "key"]);
});
