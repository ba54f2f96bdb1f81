// The stage (../src), as the tests here use it.

import assert from "node:assert/strict";

const address = process.env.MINIHOST_INTEROP;
assert.ok(address, "run by `minihost-interop -- node --test`, which names its address in MINIHOST_INTEROP");

async function ask(path, body) {
  const response = await fetch(address + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `the stage refused ${path}: ${text}`);
  return JSON.parse(text);
}

export const issuer = new URL((await ask("/about")).issuer);

/** Where codes are sent. Nobody listens there: the last step of a visit is read, never fetched. */
export const redirectUri = "https://program.example/callback";

/** Registers a client, described in the words of RFC 7591. */
export const register = (metadata = {}) => ask("/clients", { redirect_uris: [redirectUri], ...metadata });

export const newUser = () => ask("/users", {});

/** Goes to an address as a user; `rest` may hold a decision, picks, and the name of a browser. */
export const visit = (url, { username, password }, rest = {}) =>
  ask("/visits", { url: String(url), username, password, ...rest });

/** Asks for a code as a host does, and returns the answer that the mini-program's page gets. */
export const codeFromHost = (request, { username, password }) =>
  ask("/codes", { redirect_uri: redirectUri, username, password, ...request });

export const expire = (client_id, tokens) => ask("/expiries", { client_id, tokens });

/** Answers in a host, as its user, what a device shows. */
export const answerInHost = (client_id, user_code, decision, { username, password }) =>
  ask("/approvals", { client_id, user_code, decision, username, password });

/** Makes the server publish new keys, which sign an hour later or, where that is said, at once. */
export const rotateKeys = ({ at_once = false } = {}) => ask("/rotations", { at_once });

/** A member of the server's metadata, for clients that do not read it themselves. */
export async function endpoint(name) {
  const response = await fetch(new URL("/.well-known/oauth-authorization-server", issuer));
  const address = (await response.json())[name];
  assert.ok(address, `the metadata has no ${name}`);
  return new URL(address);
}
