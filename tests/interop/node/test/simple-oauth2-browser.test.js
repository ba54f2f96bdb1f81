// simple-oauth2 as a web program that its users sign in to in a browser.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { AuthorizationCode } from "simple-oauth2";

import { newUser, redirectUri, register, visit } from "../stage/index.js";
import { settingsWithBrowser, userinfo } from "../stage/simple-oauth2.js";

/** The whole way from the request to the tokens, with further parameters of both requests. */
async function signIn(grant, user, scope, atAuthorization = {}, atToken = {}) {
  const state = randomBytes(16).toString("hex");
  const url = grant.authorizeURL({ redirect_uri: redirectUri, scope, state, ...atAuthorization });
  const { location, text } = await visit(url, user);
  assert.ok(location, `the browser was not sent back: ${text}`);
  const answer = new URL(location).searchParams;
  assert.equal(answer.get("state"), state);
  return grant.getToken({ code: answer.get("code"), redirect_uri: redirectUri, scope, ...atToken });
}

for (const authorizationMethod of ["header", "body"]) {
  test(`a user signs in, with the secret in the ${authorizationMethod}`, async () => {
    const user = await newUser();
    const client = await register();
    const grant = new AuthorizationCode(await settingsWithBrowser(client, { authorizationMethod }));
    // The library knows nothing of PKCE; its callers add it.
    const verifier = randomBytes(32).toString("base64url");
    const code_challenge = createHash("sha256").update(verifier).digest("base64url");
    const challenge = { code_challenge, code_challenge_method: "S256" };
    const tokens = await signIn(grant, user, ["openid", "email"], challenge, { code_verifier: verifier });
    assert.equal((await userinfo(tokens)).body.email, user.email);

    assert.equal((await userinfo(await tokens.refresh())).status, 200);
  });
}

test("a client with a secret that may do without PKCE does without", async () => {
  const user = await newUser();
  const grant = new AuthorizationCode(await settingsWithBrowser(await register({ require_pkce: false })));
  const tokens = await signIn(grant, user, "openid");
  assert.equal((await userinfo(tokens)).status, 200);
});

test("a program written for open platforms writes its scopes with commas", async () => {
  const user = await newUser();
  const client = await register({ dialect: "open_platform", require_pkce: false });
  const grant = new AuthorizationCode(await settingsWithBrowser(client, { scopeSeparator: "," }));
  const tokens = await signIn(grant, user, ["openid", "email", "phone"]);
  assert.deepEqual(tokens.token.scope.split(",").sort(), ["email", "openid", "phone"]);
  assert.ok(tokens.token.refresh_expires_in > 0);
  const { body } = await userinfo(tokens);
  assert.deepEqual([body.email, body.open_id], [user.email, tokens.token.open_id]);

  const refreshed = await tokens.refresh({ scope: ["openid", "email"] });
  assert.deepEqual(refreshed.token.scope.split(",").sort(), ["email", "openid"]);
});
