import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { createPkce } from "../src/index.js";

test("the challenge is the S256 transform of the verifier (RFC 7636 §4.2)", async () => {
  const { codeVerifier, codeChallenge, codeChallengeMethod } = await createPkce();
  assert.match(codeVerifier, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(codeChallenge, createHash("sha256").update(codeVerifier).digest("base64url"));
  assert.equal(codeChallengeMethod, "S256");
});

test("every pair is new", async () => {
  const pairs = await Promise.all(Array.from({ length: 50 }, createPkce));
  assert.equal(new Set(pairs.map(({ codeVerifier }) => codeVerifier)).size, 50);
});
