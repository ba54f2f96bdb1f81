import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { connect } from "../src/index.js";
import { initialized, issuedCode } from "./support.js";

const folder = new URL("../../../tests/vectors/", import.meta.url);
const transcripts = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));

/** Every object that the transcripts hold under this name. */
function all(name, value = transcripts) {
  if (typeof value !== "object" || value === null) return [];
  const own = typeof value[name] === "object" && value[name] !== null ? [value[name]] : [];
  return Object.values(value).reduce((found, member) => found.concat(all(name, member)), own);
}

/** A bridge whose host gives this answer to everything but the beginning, and what was sent to it. */
async function bridgeTo(answer) {
  const sent = [];
  const send = async (text) => {
    const message = JSON.parse(text);
    sent.push(message);
    const reply = message.method === "host.initialize" && sent.length === 1 ? { result: initialized() } : answer;
    return JSON.stringify({ jsonrpc: "2.0", id: message.id, ...reply });
  };
  return { bridge: await connect({ transport: { send, subscribe() {} } }), sent };
}

test("the page reads every refusal of the transcripts as the host means it", async () => {
  const errors = all("error").filter(({ data }) => typeof data?.reason === "string");
  assert.ok(errors.length > 20);
  for (const error of errors) {
    const { bridge } = await bridgeTo({ error });
    const read = await bridge.call("auth.getGrants").catch((refusal) => refusal);
    const told = { ...read.data, ...read };
    for (const [name, value] of Object.entries(error.data)) assert.deepEqual(told[name], value, name);
  }
});

test("the page can send every request that the host answers in the transcripts", async () => {
  const requests = all("text").filter(({ id, method }) => typeof method === "string" && id !== undefined);
  assert.ok(requests.length > 20);
  const { bridge, sent } = await bridgeTo({ result: null });
  for (const { method, params } of requests) {
    await bridge.call(method, params);
    const { id, ...message } = sent.at(-1);
    assert.deepEqual(message, { jsonrpc: "2.0", method, params: params ?? {} });
  }
});

/** What a pattern says of a message: without the members that must not be there. */
function said(pattern) {
  if (Array.isArray(pattern)) return pattern.map(said);
  if (typeof pattern !== "object" || pattern === null) return pattern;
  const members = Object.entries(pattern).filter(([, value]) => value !== "(absent)");
  return Object.fromEntries(members.map(([name, value]) => [name, said(value)]));
}

/** Every result that a host gives in the transcripts, with the request that it answers. */
function answers() {
  const found = [];
  for (const { steps } of transcripts) {
    const requests = new Map();
    const key = ({ session, document }, id) => JSON.stringify([session, document, id]);
    for (const { in: input, out = [] } of steps) {
      const { message } = input;
      if (message?.text?.id !== undefined) requests.set(key(message, message.text.id), message.text);
      for (const { reply } of out) {
        if (reply?.message?.result === undefined) continue;
        found.push({ ...requests.get(key(reply, reply.message.id)), result: said(reply.message.result) });
      }
    }
  }
  return found;
}

/** The page's own ways of calling what it has a function for. */
const WAYS = {
  "auth.requestCode": (bridge, params) => bridge.requestCode(params),
  "auth.getGrants": (bridge) => bridge.getGrants(),
  "auth.revoke": (bridge, params) => bridge.revoke(params),
  "auth.checkSession": (bridge) => bridge.checkSession(),
  "host.openSettings": (bridge) => bridge.openSettings(),
};

test("every result of the transcripts reaches whoever asked for it", async () => {
  const read = new Set();
  for (const { method, params, result } of answers()) {
    if (method === "host.initialize") continue;
    // A pattern need not name what every code comes with.
    const whole = method === "auth.requestCode" ? issuedCode({ state: params.state, ...result }) : result;
    const { bridge, sent } = await bridgeTo({ result: whole });
    const way = WAYS[method] ?? (() => bridge.call(method, params));
    assert.deepEqual(await way(bridge, params), JSON.parse(JSON.stringify(whole)));
    assert.equal(sent.at(-1).method, method);
    read.add(method);
  }
  for (const method of Object.keys(WAYS)) assert.ok(read.has(method), method);
});

test("the page takes every beginning of the transcripts", async () => {
  const beginnings = answers().filter(({ method }) => method === "host.initialize");
  assert.ok(beginnings.length > 5);
  for (const { result } of beginnings) {
    const capabilities = { ...initialized().capabilities, ...result.capabilities };
    const whole = initialized({ ...result, capabilities });
    const send = async (text) => JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(text).id, result: whole });
    const bridge = await connect({ transport: { send, subscribe() {} } });
    for (const [name, value] of Object.entries(whole)) assert.deepEqual(bridge[name], value, name);
    for (const method of capabilities.methods) assert.ok(bridge.supports(method), method);
  }
});

test("every event of the transcripts reaches its listener", async () => {
  const events = all("tell").flatMap(({ message }) => (message ? [said(message)] : []));
  const read = new Set();
  let deliver;
  const send = async (text) => JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(text).id, result: initialized() });
  const bridge = await connect({ transport: { send, subscribe: (onMessage) => void (deliver = onMessage) } });
  for (const { method, params } of events) {
    const heard = [];
    const stop = bridge.on(method, (told) => heard.push(told));
    deliver(JSON.stringify({ jsonrpc: "2.0", method, params }));
    stop();
    assert.equal(heard.length, 1, method);
    assert.deepEqual(heard[0] ?? undefined, params, method);
    read.add(method);
  }
  assert.deepEqual([...read].sort(), ["auth.grantsChanged", "auth.sessionChanged", "host.visibilityChanged"]);
});
