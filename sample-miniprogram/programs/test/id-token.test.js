import assert from "node:assert/strict";
import { test } from "node:test";

import { CLIENT, Server } from "./authorization-server.js";

const { verifiedClaims } = await import("../notebook/id-token.js");

const server = await Server.start();
server.nonce = "n-1";

const now = () => Math.floor(Date.now() / 1000);

const verified = (token) =>
  verifiedClaims(token, `${server.issuer}/keys`, { iss: server.issuer, aud: CLIENT, nonce: "n-1" });

/** What is made of a token that is as it should be but for these claims. */
const read = async (claims) => verified(await server.sign({ ...server.goodClaims(), ...claims }));

test("a token for this client and this request is taken", async () => {
  assert.equal((await read({})).sub, "alice");
  assert.equal((await read({ exp: now() - 30 })).sub, "alice", "clocks may differ a little");
});

test("a token of another server, client or request is refused", async () => {
  for (const claims of [{ iss: "https://other.example" }, { aud: "other" }, { nonce: "n-2" }, { nonce: undefined }]) {
    await assert.rejects(read(claims), /not for this sign-in/, JSON.stringify(claims));
  }
});

test("a token that has expired, or does not say when it will, is refused", async () => {
  for (const exp of [now() - 61, undefined, null, "soon", String(now() + 600)]) {
    await assert.rejects(read({ exp }), /not for this sign-in/, String(exp));
  }
});

test("a token without a user is refused", async () => {
  for (const sub of [undefined, "", 7]) await assert.rejects(read({ sub }), /names no user/, String(sub));
});

test("of several audiences the token must say that this client asked for it", async () => {
  assert.equal((await read({ aud: [CLIENT] })).sub, "alice");
  assert.equal((await read({ aud: [CLIENT, "other"], azp: CLIENT })).sub, "alice");
  for (const claims of [
    { aud: [CLIENT, "other"] },
    { aud: [CLIENT, "other"], azp: "other" },
    { aud: CLIENT, azp: "other" },
    { aud: ["other"], azp: CLIENT },
    { aud: [] },
    { aud: undefined },
  ]) {
    await assert.rejects(read(claims), /not for this sign-in/, JSON.stringify(claims));
  }
});

test("a token that another key signed, or none, is refused", async () => {
  const { privateKey } = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign"]);
  const claims = server.goodClaims();
  await assert.rejects(verified(await server.sign(claims, { key: privateKey })), /signature is not the server's/);
  const [head, , signature] = (await server.sign(claims)).split(".");
  const forged = Buffer.from(JSON.stringify({ ...claims, sub: "mallory" })).toString("base64url");
  await assert.rejects(verified(`${head}.${forged}.${signature}`), /signature is not the server's/);
  for (const header of [{ alg: "none", kid: "1" }, { alg: "HS256", kid: "1" }, { alg: "ES256", kid: "2" }]) {
    await assert.rejects(verified(await server.sign(claims, { header })), /key is not the server's/);
  }
});
