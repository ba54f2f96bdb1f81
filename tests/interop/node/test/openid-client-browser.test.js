// openid-client as a web program that its users sign in to in a browser.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as jose from "jose";
import * as oidc from "openid-client";

import { newUser, register, rotateKeys } from "../stage/index.js";
import { answerOf, discover, request, signIn } from "../stage/openid-client.js";

for (const method of ["client_secret_basic", "client_secret_post", "none"]) {
  test(`a user signs in to a client of ${method}, which reads the details and refreshes`, async () => {
    const user = await newUser();
    const client = await register({ token_endpoint_auth_method: method });
    const config = await discover(client, method);
    const tokens = await signIn(config, user);
    const { sub, aud, iss } = tokens.claims();
    assert.deepEqual([aud, iss], [client.client_id, config.serverMetadata().issuer]);

    const details = await oidc.fetchUserInfo(config, tokens.access_token, sub);
    assert.equal(details.email, user.email);
    assert.equal(details.phone_number, undefined);

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(refreshed.access_token, tokens.access_token);
    assert.equal((await oidc.fetchUserInfo(config, refreshed.access_token, sub)).sub, sub);
  });
}

for (const alg of ["RS256", "ES256", "EdDSA"]) {
  test(`an ID token is signed with ${alg} for a client that asks for it`, async () => {
    const client = await register({ id_token_signed_response_alg: alg });
    const metadata = { id_token_signed_response_alg: alg };
    const config = await discover(client, "client_secret_basic", { metadata });
    // A token that came over TLS from the server need not be checked again; here it is.
    oidc.enableNonRepudiationChecks(config);
    const tokens = await signIn(config, await newUser());
    assert.equal(jose.decodeProtectedHeader(tokens.id_token).alg, alg);
  });
}

test("who has the keys of before a rotation verifies ID tokens, for the new ones do not sign yet", async () => {
  const user = await newUser();
  const client = await register();
  const config = await discover(client);
  oidc.enableNonRepudiationChecks(config);
  await signIn(config, user);
  const { jwks } = oidc.getJwksCache(config);
  await rotateKeys();

  const later = await discover(client);
  oidc.enableNonRepudiationChecks(later);
  // A copy so new that the library does not look for other keys.
  oidc.setJwksCache(later, { jwks, uat: Math.floor(Date.now() / 1000) });
  const { id_token } = await signIn(later, user);
  const { kid } = jose.decodeProtectedHeader(id_token);
  assert.ok(jwks.keys.some((key) => key.kid === kid));
  const published = await (await fetch(later.serverMetadata().jwks_uri)).json();
  assert.ok(published.keys.some((key) => !jwks.keys.some(({ kid }) => kid === key.kid)));
});

test("an ID token is verified before and after the server changes its keys", async () => {
  const user = await newUser();
  const client = await register();
  const config = await discover(client);
  oidc.enableNonRepudiationChecks(config);
  const before = await signIn(config, user);
  const { jwks, uat } = oidc.getJwksCache(config);
  await rotateKeys({ at_once: true });

  const later = await discover(client);
  oidc.enableNonRepudiationChecks(later);
  // The library looks for keys that it does not know once a minute.
  oidc.setJwksCache(later, { jwks, uat: uat - 60 });
  const after = await signIn(later, user);
  const kid = (token) => jose.decodeProtectedHeader(token).kid;
  assert.notEqual(kid(after.id_token), kid(before.id_token));

  const published = jose.createRemoteJWKSet(new URL(later.serverMetadata().jwks_uri));
  const { iss, aud } = before.claims();
  const { payload } = await jose.jwtVerify(before.id_token, published, { issuer: iss, audience: aud });
  assert.equal(payload.sub, after.claims().sub);
});

test("the client's own parameters, in any number of characters, come back as they were", async () => {
  const user = await newUser();
  const config = await discover(await register());
  const state = `${"x".repeat(1000)} &=+%/?#"'<>é茶`;
  const asked = await request(config, { state });
  const answer = await answerOf(asked, user);
  assert.equal(answer.searchParams.get("state"), state);
  const tokens = await oidc.authorizationCodeGrant(config, answer, { ...asked.checks, expectedState: state });
  assert.ok(tokens.access_token);
});

test("what the user does not tick is not granted, and the client is told", async () => {
  const user = await newUser();
  const config = await discover(await register());
  const tokens = await signIn(config, user, {
    parameters: { scope: "openid email phone profile" },
    rest: { decision: { allow: ["openid", "profile"] } },
  });
  assert.deepEqual(tokens.scope.split(" ").sort(), ["openid", "profile"]);
  const details = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(details.preferred_username, user.username);
  assert.equal(details.email, undefined);
});

test("a user who declines sends the client an error that it understands", async () => {
  const config = await discover(await register());
  const asked = await request(config);
  const answer = await answerOf(asked, await newUser(), { decision: "deny" });
  await assert.rejects(oidc.authorizationCodeGrant(config, answer, asked.checks), (error) => {
    assert.ok(error instanceof oidc.AuthorizationResponseError, String(error));
    assert.equal(error.error, "access_denied");
    return true;
  });
});

test("an answer that says another issuer, or none, is refused by the client", async () => {
  const config = await discover(await register());
  assert.equal(config.serverMetadata().authorization_response_iss_parameter_supported, true);
  const asked = await request(config);
  const answer = await answerOf(asked, await newUser());
  assert.equal(answer.searchParams.get("iss"), config.serverMetadata().issuer);
  for (const change of [(query) => query.delete("iss"), (query) => query.set("iss", "https://other.example")]) {
    const changed = new URL(answer);
    change(changed.searchParams);
    await assert.rejects(oidc.authorizationCodeGrant(config, changed, asked.checks));
  }
  // Neither attempt has reached the server, so the code is still good.
  assert.ok(await oidc.authorizationCodeGrant(config, answer, asked.checks));
});

test("a user who is signed in and has allowed it for good is asked for nothing", async () => {
  const user = await newUser();
  const config = await discover(await register());
  const browser = user.username;
  const silently = async (rest) => {
    const asked = await request(config, { prompt: "none" });
    const answer = await answerOf(asked, user, rest);
    return oidc.authorizationCodeGrant(config, answer, asked.checks);
  };
  await assert.rejects(silently(), { error: "login_required" });
  await signIn(config, user, { rest: { browser } });
  await assert.rejects(silently({ browser }), { error: "consent_required" });
  await signIn(config, user, { rest: { browser, picks: ["Until I take it back"] } });
  assert.ok((await silently({ browser })).access_token);
});
