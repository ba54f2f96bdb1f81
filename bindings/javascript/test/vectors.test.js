import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { fromReply } from "../src/errors.js";
import { LIMITS, encode } from "../src/wire.js";

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
    const { reason, retryable = fromReply(error).retryable, retryAfter } = error.data;
    const read = fromReply(error);
    // A pattern in the transcripts stands for any number.
    const seconds = typeof retryAfter === "number" ? retryAfter : undefined;
    assert.deepEqual([read.reason, read.retryable, read.retryAfter], [reason, retryable, seconds]);
  }
});

test("page and host agree on what can be tried again", () => {
  for (const { data } of all("error")) {
    if (typeof data?.retryable !== "boolean" || typeof data.reason !== "string") continue;
    assert.equal(fromReply({ data: { reason: data.reason } }).retryable, data.retryable, data.reason);
  }
});

test("page and host agree on the limits", () => {
  const limits = all("limits").filter(({ messageBytes }) => messageBytes !== undefined);
  assert.ok(limits.length > 0);
  for (const { messageBytes, depth, members } of limits) {
    assert.deepEqual({ messageBytes, depth, members }, { ...LIMITS });
  }
});

test("the page can send every request that the host answers in the transcripts", () => {
  const requests = all("text").filter(({ method }) => typeof method === "string");
  assert.ok(requests.length > 20);
  for (const request of requests) {
    assert.deepEqual(JSON.parse(encode(request, LIMITS)), { jsonrpc: "2.0", ...request });
  }
});
