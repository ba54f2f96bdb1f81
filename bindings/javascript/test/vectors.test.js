import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { fromReply } from "../src/errors.js";
import { encode } from "../src/wire.js";

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

test("the page reads every refusal of the transcripts as the host means it", () => {
  const errors = all("error").filter(({ data }) => typeof data?.reason === "string");
  assert.ok(errors.length > 20);
  for (const error of errors) {
    const read = fromReply(error);
    const told = { ...read.data, ...read };
    for (const [name, value] of Object.entries(error.data)) assert.deepEqual(told[name], value, name);
  }
});

test("the page can send every request that the host answers in the transcripts", () => {
  const requests = all("text").filter(({ method }) => typeof method === "string");
  assert.ok(requests.length > 20);
  for (const request of requests) {
    assert.deepEqual(JSON.parse(encode(request, {})), { jsonrpc: "2.0", ...request });
  }
});
