// openid-client as the backend of a mini-program whose host asks for the code.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as oidc from "openid-client";

import { discover } from "../stage/openid-client.js";
import { codeFromHost, expire, newUser, redirectUri, register } from "../stage/index.js";

/** What the backend redeems when its page has the code: the redirect that never happened. */
async function answer(config, user, more = {}) {
  const verifier = oidc.randomPKCECodeVerifier();
  const { code } = await codeFromHost(
    {
      client_id: config.clientMetadata().client_id,
      scope: "openid email",
      ...more,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    },
    user,
  );
  const url = new URL(redirectUri);
  url.searchParams.set("code", code);
  url.searchParams.set("iss", config.serverMetadata().issuer);
  return { url, verifier };
}

async function redeem(config, user) {
  const { url, verifier } = await answer(config, user);
  return oidc.authorizationCodeGrant(config, url, { pkceCodeVerifier: verifier });
}

for (const method of ["client_secret_basic", "client_secret_post", "none"]) {
  test(`a code from a host is redeemed, read and refreshed with ${method}`, async () => {
    const user = await newUser();
    const client = await register({ token_endpoint_auth_method: method });
    const config = await discover(client, method, { algorithm: "oauth2" });
    const tokens = await redeem(config, user);
    assert.equal(tokens.token_type, "bearer");
    assert.equal(tokens.scope, "email openid");

    const details = await oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck);
    assert.equal(details.email, user.email);
    assert.equal(details.phone_number, undefined);

    const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
    assert.notEqual(refreshed.access_token, tokens.access_token);
    const again = await oidc.fetchUserInfo(config, refreshed.access_token, details.sub);
    assert.equal(again.sub, details.sub);
  });
}

test("the ID token of such a code is for this request alone", async () => {
  const user = await newUser();
  const config = await discover(await register());
  oidc.enableNonRepudiationChecks(config);
  const nonce = oidc.randomNonce();
  for (const expectedNonce of [oidc.randomNonce(), nonce]) {
    const { url, verifier } = await answer(config, user, { nonce });
    const redeemed = oidc.authorizationCodeGrant(config, url, { pkceCodeVerifier: verifier, expectedNonce });
    if (expectedNonce === nonce) {
      const tokens = await redeemed;
      const details = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
      assert.equal(details.email, user.email);
    } else {
      await assert.rejects(redeemed, (error) => error.cause.cause.claim === "nonce");
    }
  }
});

test("an expired access token is told as the client understands it, and refreshed", async () => {
  const user = await newUser();
  const client = await register();
  const config = await discover(client);
  const tokens = await redeem(config, user);
  await expire(client.client_id, "access");

  await assert.rejects(
    oidc.fetchUserInfo(config, tokens.access_token, oidc.skipSubjectCheck),
    (error) => {
      assert.ok(error instanceof oidc.WWWAuthenticateChallengeError, String(error));
      const [{ scheme, parameters }] = error.cause;
      assert.equal(scheme, "bearer");
      assert.equal(parameters.error, "invalid_token");
      assert.equal(parameters.error_description, "access token expired");
      return true;
    },
  );
  const refreshed = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  const details = await oidc.fetchUserInfo(config, refreshed.access_token, oidc.skipSubjectCheck);
  assert.equal(details.email, user.email);
});

test("a code is refused to the wrong verifier, and is spent by it", async () => {
  const config = await discover(await register());
  const { url, verifier } = await answer(config, await newUser());
  for (const pkceCodeVerifier of [oidc.randomPKCECodeVerifier(), verifier]) {
    await assert.rejects(oidc.authorizationCodeGrant(config, url, { pkceCodeVerifier }), {
      error: "invalid_grant",
      status: 400,
    });
  }
});

test("a public client's refresh token rotates, and using an old one ends them all", async () => {
  const config = await discover(await register({ token_endpoint_auth_method: "none" }), "none");
  const first = await redeem(config, await newUser());
  const second = await oidc.refreshTokenGrant(config, first.refresh_token);
  const third = await oidc.refreshTokenGrant(config, second.refresh_token);
  assert.equal(new Set([first, second, third].map((tokens) => tokens.refresh_token)).size, 3);
  for (const stale of [first.refresh_token, third.refresh_token]) {
    await assert.rejects(oidc.refreshTokenGrant(config, stale), { error: "invalid_grant" });
  }
});
