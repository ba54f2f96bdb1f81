import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { Container } from "../web/container.js";

const ORIGIN = "http://teahouse.sim.localhost:7421";
const opened = [];
afterEach(() => opened.splice(0).forEach((phone) => phone.end()));

/** A host page with one program's frame; what the container reports is written down. */
class Phone {
  reports = [];
  pagePorts = [];
  window = new EventTarget();
  frame = new EventTarget();

  constructor() {
    this.window.document = Object.assign(new EventTarget(), { visibilityState: "visible" });
    this.window.navigator = { userActivation: { isActive: true } };
    this.frame.contentWindow = {
      postMessage: (data, targetOrigin, [port]) => {
        this.greeting = { data, targetOrigin };
        this.pagePorts.push(port);
      },
    };
    const report = (type, members) => this.reports.push({ type, ...members });
    const { window, frame } = this;
    this.container = new Container({ window, frame, session: 7, origin: ORIGIN, report });
    opened.push(this);
  }

  hello({ source = this.frame.contentWindow, origin = ORIGIN, data = { minihost: "hello" } } = {}) {
    const event = Object.assign(new Event("message"), { source, origin, data });
    this.window.dispatchEvent(event);
    return this.pagePorts.at(-1);
  }

  load() {
    this.frame.dispatchEvent(new Event("load"));
  }

  of(type) {
    return this.reports.filter((report) => report.type === type);
  }

  async report(type, count = 1) {
    while (this.of(type).length < count) await new Promise(setImmediate);
    return this.of(type)[count - 1];
  }

  end() {
    this.container.close();
    for (const port of this.pagePorts) port.close();
  }
}

const received = (port) => new Promise((resolve) => (port.onmessage = ({ data }) => resolve(data)));

test("the program's own page gets a port, at its exact origin, and is told of first", async () => {
  const phone = new Phone();
  phone.hello().postMessage("one");
  const message = await phone.report("message");
  assert.deepEqual(phone.greeting, { data: { minihost: "port" }, targetOrigin: ORIGIN });
  assert.deepEqual(
    phone.reports.map(({ type, session, document }) => [type, session, document]),
    [
      ["documentStarted", 7, message.document],
      ["message", 7, message.document],
    ],
  );
  assert.equal(message.text, "one");
  assert.equal(message.origin, ORIGIN);
  assert.equal(message.visible, true);
  assert.equal(message.gestureAgeMs, 0);
});

test("nobody else gets one: a frame within, a popup, another origin, another message", () => {
  const phone = new Phone();
  phone.hello({ source: { postMessage: assert.fail } });
  phone.hello({ source: null });
  for (const origin of [
    "null",
    "",
    "http://cinema.sim.localhost:7421",
    "http://teahouse.sim.localhost",
    "http://teahouse.sim.localhost:7421.evil.example",
    "https://teahouse.sim.localhost:7421",
    `${ORIGIN}/`,
  ]) {
    phone.hello({ origin });
  }
  for (const data of [null, "hello", {}, { minihost: "port" }, { minihost: { hello: 1 } }]) {
    phone.hello({ data });
  }
  assert.deepEqual(phone.pagePorts, []);
  assert.deepEqual(phone.reports, []);
});

test("a reply reaches the document that asked and no later one", async () => {
  const phone = new Phone();
  const first = phone.hello();
  const [{ document }] = phone.of("documentStarted");
  phone.container.deliver(document, "for the first");
  assert.equal(await received(first), "for the first");

  const second = phone.hello();
  const next = phone.of("documentStarted").at(-1).document;
  assert.notEqual(next, document);
  phone.container.deliver(document, "too late");
  phone.container.deliver(next, "for the second");
  assert.equal(await received(second), "for the second");
});

test("the port of an earlier page load is dead", async () => {
  const phone = new Phone();
  const first = phone.hello();
  const second = phone.hello();
  first.postMessage("from the first");
  second.postMessage("from the second");
  await phone.report("message");
  assert.deepEqual(
    phone.of("message").map(({ text }) => text),
    ["from the second"],
  );
});

test("a page that says no hello ends the one before it", () => {
  const phone = new Phone();
  phone.hello();
  phone.load();
  assert.equal(phone.of("documentStarted").length, 1);
  const { document } = phone.of("documentStarted")[0];
  phone.load();
  assert.equal(phone.of("documentStarted").length, 2);
  phone.container.deliver(document, "nobody hears this");
  phone.load();
  assert.equal(phone.of("documentStarted").length, 2);
});

test("a stranger's page in the frame ends the one before it, and gets nothing", () => {
  const phone = new Phone();
  phone.hello();
  phone.hello({ origin: "http://cinema.sim.localhost:7421" });
  assert.equal(phone.of("documentStarted").length, 2);
  assert.equal(phone.pagePorts.length, 1);
  phone.hello({ source: {}, origin: "http://cinema.sim.localhost:7421" });
  phone.hello({ origin: "null", data: "chatter" });
  assert.equal(phone.of("documentStarted").length, 2);
  phone.hello();
  assert.equal(phone.of("documentStarted").length, 3);
  assert.equal(phone.pagePorts.length, 2);
});

test("a page that is gone is told of as soon as its port ends", async () => {
  const phone = new Phone();
  phone.hello().close();
  const ended = await phone.report("documentStarted", 2);
  assert.notEqual(ended.document, phone.of("documentStarted")[0].document);
});

test("what is said of a message is what the browser knows at that moment", async () => {
  const phone = new Phone();
  const port = phone.hello();
  phone.window.navigator.userActivation.isActive = false;
  phone.container.onScreen = false;
  port.postMessage("one");
  const hidden = await phone.report("message", 1);
  assert.equal(hidden.visible, false);
  assert.equal(hidden.gestureAgeMs, 0xffff_ffff);

  delete phone.window.navigator.userActivation;
  phone.container.onScreen = true;
  port.postMessage("two");
  const shown = await phone.report("message", 2);
  assert.equal(shown.visible, true);
  assert.equal(shown.gestureAgeMs, null);
  assert.notEqual(shown.replyToken, hidden.replyToken);

  phone.window.document.visibilityState = "hidden";
  phone.window.document.dispatchEvent(new Event("visibilitychange"));
  assert.deepEqual(
    phone.of("visibility").map(({ visible }) => visible),
    [false, true, false],
  );
});

test("what cannot be carried is refused by the host, not repaired on the way", async () => {
  const phone = new Phone();
  const port = phone.hello();
  port.postMessage("x".repeat(1_000_000));
  port.postMessage('{"a":"\ud800"}');
  port.postMessage({ not: "text" });
  port.postMessage("é".repeat(65_536));
  const last = await phone.report("message", 3);
  const [long, broken] = phone.of("message");
  assert.equal(long.text.length, 65_537);
  assert.equal(broken.text, "");
  assert.equal(last.text.length, 65_536);
});

test("a closed program is silent on both sides", async () => {
  const phone = new Phone();
  const port = phone.hello();
  const ended = new Promise((resolve) => port.addEventListener("close", resolve));
  port.onmessage = assert.fail;
  phone.container.close();
  await ended;
  phone.hello();
  phone.load();
  assert.equal(phone.pagePorts.length, 1);
  assert.deepEqual(
    phone.reports.map(({ type }) => type),
    ["documentStarted", "close"],
  );
});
