import assert from "node:assert/strict";
import { test } from "node:test";

import { CLIENT, Server } from "./authorization-server.js";
import "./modules.js";

const { Client } = await import("../notebook/client.js");

const newClient = ({ issuer }) => new Client({ issuer, clientId: CLIENT, redirectUri: "http://127.0.0.1/callback" });

/** A code that answers a new request of the client. */
async function redeem(client, server) {
  const request = await client.newRequest();
  server.nonce = request.nonce;
  return client.redeem({ code: "code", state: request.state, iss: server.issuer }, request);
}

async function signedIn() {
  const server = await Server.start();
  const client = newClient(server);
  assert.equal(await redeem(client, server), "alice");
  return { server, client };
}

test("a code becomes the user's details, and an expired access token is renewed once for all who wait", async () => {
  const { server, client } = await signedIn();
  assert.deepEqual(await client.details(), { user: { sub: "alice" }, refreshed: false });
  server.expire();
  const all = await Promise.all([client.details(), client.details(), client.details()]);
  assert.ok(all.every(({ refreshed }) => refreshed));
  assert.equal(server.asked["/token"], 2);
});

test("an answer with another state or issuer redeems nothing", async () => {
  const server = await Server.start();
  const client = newClient(server);
  const request = await client.newRequest();
  const answer = { code: "code", state: request.state, iss: server.issuer };
  await assert.rejects(client.redeem({ ...answer, state: "other" }, request), { reason: "state_mismatch" });
  await assert.rejects(client.redeem({ ...answer, iss: "https://other.example" }, request), { reason: "issuer_mismatch" });
  assert.equal(server.asked["/token"], 0);
});

test("an ID token that is not for this request signs nobody in", async () => {
  for (const claims of [{ nonce: "other" }, { aud: "other" }, { iss: "https://other.example" }]) {
    const server = await Server.start();
    const client = newClient(server);
    server.claims = claims;
    await assert.rejects(redeem(client, server), /not for this sign-in/);
    await assert.rejects(client.details(), { reason: "login_required" });
  }
});

test("details of another user than the ID token's are refused, and end the sign-in", async () => {
  const { server, client } = await signedIn();
  server.userInfo = { sub: "bob" };
  await assert.rejects(client.details(), { reason: "user_mismatch" });
  server.userInfo = {};
  await assert.rejects(client.details(), { reason: "login_required" });
});

test("whoever hears late that the access token has expired does not renew it again", async () => {
  const { server, client } = await signedIn();
  server.expire();
  const next = server.hold("/userinfo");
  const [early, late] = [client.details(), client.details()];
  const [letEarly, letLate] = [await next(), await next()];
  server.release("/userinfo");
  letEarly();
  // Either may be the one that the first answer goes to.
  await Promise.race([early, late]);
  letLate();
  for (const { refreshed } of await Promise.all([early, late])) assert.ok(refreshed);
  assert.equal(server.asked["/token"], 2);
});

test("signing out while the access token is being renewed brings no tokens back", async () => {
  const { server, client } = await signedIn();
  server.expire();
  const next = server.hold("/token");
  const details = client.details();
  const letGo = await next();
  const refused = assert.rejects(details, { reason: "login_required" });
  await client.signOut();
  letGo();
  await refused;
  assert.deepEqual(server.revoked, ["refresh-1"]);
  await assert.rejects(client.details(), { reason: "login_required" });
});

test("a user who is forgotten while their code is redeemed is not signed in", async () => {
  const server = await Server.start();
  const client = newClient(server);
  const next = server.hold("/token");
  const refused = assert.rejects(redeem(client, server), { reason: "context_destroyed" });
  const letGo = await next();
  client.forget("context_destroyed");
  letGo();
  await refused;
  await assert.rejects(client.details(), { reason: "login_required" });
  server.release("/token");
  assert.equal(await redeem(client, server), "alice", "the next sign-in is none of that");
});

test("details that arrive after their user was forgotten are given to nobody", async () => {
  const { server, client } = await signedIn();
  const next = server.hold("/userinfo");
  const refused = assert.rejects(client.details(), { reason: "login_required" });
  const letGo = await next();
  client.forget();
  server.release("/userinfo");
  server.sub = "bob";
  assert.equal(await redeem(client, server), "bob");
  letGo();
  await refused;
  assert.deepEqual((await client.details()).user, { sub: "bob" });
});

test("without a refresh token the end of the access token is the end", async () => {
  const server = await Server.start();
  const client = newClient(server);
  server.tokens = { refresh_token: undefined };
  await redeem(client, server);
  server.expire();
  await assert.rejects(client.details(), { reason: "login_required" });
  assert.equal(server.asked["/token"], 1);
});
