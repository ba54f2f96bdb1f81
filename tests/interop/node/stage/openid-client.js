// openid-client, set up from the server's metadata.

import assert from "node:assert/strict";
import * as oidc from "openid-client";

import { issuer, redirectUri, visit } from "./index.js";

const methods = {
  client_secret_basic: oidc.ClientSecretBasic,
  client_secret_post: oidc.ClientSecretPost,
  none: oidc.None,
};

/**
 * Discovers the server for a registered client, by OpenID Connect Discovery, or by RFC 8414 where
 * `algorithm` is "oauth2". `authentication` is a method's name or one of the library's own.
 */
export function discover(client, authentication = "client_secret_basic", { algorithm = "oidc", metadata = {} } = {}) {
  const authenticate = methods[authentication]?.(client.client_secret) ?? authentication;
  return oidc.discovery(issuer, client.client_id, metadata, authenticate, { algorithm });
}

/** An authorization request of the library's making, and what it needs to check the answer. */
export async function request(config, parameters = {}, build = oidc.buildAuthorizationUrl) {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const [expectedState, expectedNonce] = [oidc.randomState(), oidc.randomNonce()];
  const url = await build(config, {
    redirect_uri: redirectUri,
    scope: "openid email",
    state: expectedState,
    nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    ...parameters,
  });
  return { url, checks: { pkceCodeVerifier, expectedState, expectedNonce } };
}

/** Goes where the request leads, and returns the address that the browser is sent back to. */
export async function answerOf({ url }, user, rest) {
  const { location, text } = await visit(url, user, rest);
  assert.ok(location, `the browser was not sent back: ${text}`);
  return new URL(location);
}

/** The whole way from the request to the tokens. */
export async function signIn(config, user, { parameters, build, rest, DPoP } = {}) {
  const asked = await request(config, parameters, build);
  const answer = await answerOf(asked, user, rest);
  return oidc.authorizationCodeGrant(config, answer, asked.checks, undefined, { DPoP });
}
