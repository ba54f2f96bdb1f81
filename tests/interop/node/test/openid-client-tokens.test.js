// openid-client ends tokens (RFC 7009), asks about them (RFC 7662), and proves who it is by a key.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as jose from "jose";
import * as oidc from "openid-client";

import { newUser, register } from "../stage/index.js";
import { discover, signIn } from "../stage/openid-client.js";

test("an access token that is revoked is good for nothing, and introspection says so", async () => {
  const client = await register();
  const config = await discover(client);
  const tokens = await signIn(config, await newUser());
  const before = await oidc.tokenIntrospection(config, tokens.access_token);
  assert.equal(before.active, true);
  assert.equal(before.client_id, client.client_id);
  assert.equal(before.scope, tokens.scope);
  assert.ok(before.exp > Date.now() / 1000);

  await oidc.tokenRevocation(config, tokens.access_token, { token_type_hint: "access_token" });
  assert.deepEqual(await oidc.tokenIntrospection(config, tokens.access_token), { active: false });
  await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck));
});

for (const method of ["client_secret_basic", "none"]) {
  test(`a refresh token that a client of ${method} revokes takes its access tokens along`, async () => {
    const config = await discover(await register({ token_endpoint_auth_method: method }), method);
    const tokens = await signIn(config, await newUser());
    await oidc.tokenRevocation(config, tokens.refresh_token);
    await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: "invalid_grant" });
    await assert.rejects(oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck));
  });
}

test("a token that nobody issued is revoked without a word and is not active", async () => {
  const config = await discover(await register());
  await oidc.tokenRevocation(config, "never-issued");
  assert.deepEqual(await oidc.tokenIntrospection(config, "never-issued"), { active: false });
});

for (const alg of ["ES256", "PS256", "EdDSA"]) {
  test(`a client proves who it is with a key of ${alg}`, async () => {
    const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
    const jwk = { ...(await jose.exportJWK(publicKey)), kid: "1", use: "sig" };
    const client = await register({
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [jwk] },
      grant_types: ["authorization_code", "refresh_token", "client_credentials"],
    });
    const config = await discover(client, oidc.PrivateKeyJwt({ key: privateKey, kid: "1" }));
    const tokens = await signIn(config, await newUser(), { build: oidc.buildAuthorizationUrlWithPAR });
    assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token)).access_token);
    assert.equal((await oidc.tokenIntrospection(config, tokens.access_token)).active, true);
    await oidc.tokenRevocation(config, tokens.access_token);
    assert.ok((await oidc.clientCredentialsGrant(config)).access_token);

    const { privateKey: other } = await jose.generateKeyPair(alg);
    const impostor = await discover(client, oidc.PrivateKeyJwt({ key: other, kid: "1" }));
    await assert.rejects(oidc.clientCredentialsGrant(impostor), { status: 401 });
  });
}
