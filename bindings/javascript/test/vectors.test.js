import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { connect } from "../src/index.js";
import { initialized } from "./support.js";

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
