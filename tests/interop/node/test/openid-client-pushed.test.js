// openid-client with pushed authorization requests (RFC 9126) and tokens bound to a key (RFC 9449).

import assert from "node:assert/strict";
import { test } from "node:test";
import * as oidc from "openid-client";

import { newUser, redirectUri, register, visit } from "../stage/index.js";
import { discover, request, signIn } from "../stage/openid-client.js";

const pushed = oidc.buildAuthorizationUrlWithPAR;

for (const method of ["client_secret_basic", "none"]) {
  test(`a client of ${method} pushes its request`, async () => {
    const user = await newUser();
    const config = await discover(await register({ token_endpoint_auth_method: method }), method);
    const asked = await request(config, {}, pushed);
    assert.deepEqual([...asked.url.searchParams.keys()].sort(), ["client_id", "request_uri"]);
    const { location } = await visit(asked.url, user);
    const tokens = await oidc.authorizationCodeGrant(config, new URL(location), asked.checks);
    const details = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    assert.equal(details.email, user.email);

    const again = await visit(asked.url, user);
    assert.equal(new URL(again.location ?? redirectUri).searchParams.get("code"), null, "a pushed request is good once");
  });
}

test("a client that must push its requests is refused without", async () => {
  const user = await newUser();
  const config = await discover(await register({ require_pushed_authorization_requests: true }));
  const asked = await request(config);
  const { location } = await visit(asked.url, user);
  const refused = oidc.authorizationCodeGrant(config, new URL(location), asked.checks);
  await assert.rejects(refused, { error: "invalid_request" });
  assert.ok((await signIn(config, user, { build: pushed })).access_token);
});

for (const alg of ["ES256", "EdDSA", "PS256"]) {
  test(`tokens are bound to a key of ${alg} and good with it alone`, async () => {
    const user = await newUser();
    const config = await discover(await register());
    const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(alg));
    const tokens = await signIn(config, user, { DPoP });
    assert.equal(tokens.token_type, "dpop");
    const { sub } = tokens.claims();
    const details = await oidc.fetchUserInfo(config, tokens.access_token, sub, { DPoP });
    assert.equal(details.email, user.email);

    const other = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair(alg));
    for (const options of [{ DPoP: other }, {}]) {
      await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, sub, options));
    }
    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP });
    assert.equal(refreshed.token_type, "dpop");
    assert.ok(await oidc.fetchUserInfo(config, refreshed.access_token, sub, { DPoP }));
  });
}

test("a public client's refresh token is bound to its key too", async () => {
  const config = await discover(await register({ token_endpoint_auth_method: "none" }), "none");
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair());
  const tokens = await signIn(config, await newUser(), { DPoP });
  const other = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair());
  const stolen = oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP: other });
  await assert.rejects(stolen, (error) => ["invalid_grant", "invalid_dpop_proof"].includes(error.error));
  assert.ok(await oidc.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP }));
});

test("a code that was pushed with a key is redeemed with that key alone", async () => {
  const user = await newUser();
  const config = await discover(await register());
  const DPoP = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair());
  const push = (config, parameters) => pushed(config, parameters, { DPoP });
  const other = oidc.getDPoPHandle(config, await oidc.randomDPoPKeyPair());
  await assert.rejects(signIn(config, user, { build: push, DPoP: other }), { error: "invalid_grant" });
  assert.equal((await signIn(config, user, { build: push, DPoP })).token_type, "dpop");
});
