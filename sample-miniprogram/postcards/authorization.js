import * as oidc from "openid-client";

/** What this backend refuses, with the reason that its page decides on. */
export class Refusal extends Error {
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
}

/** This program as a client of the authorization server. */
export class Authorization {
  #issuer;
  #client;
  #config;

  /** @param {{ issuer: string, clientId: string, clientSecret: string, redirectUri: string, scopes: string[] }} client */
  constructor({ issuer, ...client }) {
    this.#issuer = issuer;
    this.#client = client;
  }

  /** What one sign-in needs. The verifier and the nonce stay here; the page gets `asked`. */
  async newAttempt() {
    const attempt = { verifier: oidc.randomPKCECodeVerifier(), state: oidc.randomState(), nonce: oidc.randomNonce() };
    const codeChallenge = await oidc.calculatePKCECodeChallenge(attempt.verifier);
    const { scopes, redirectUri } = this.#client;
    const { state, nonce } = attempt;
    return { attempt, asked: { scopes, codeChallenge, redirectUri, state, nonce } };
  }

  /** Where a browser outside any host goes to sign its user in. */
  async authorizationUrl({ scopes, codeChallenge, redirectUri, state, nonce }) {
    return oidc.buildAuthorizationUrl(await this.#discovered(), {
      redirect_uri: redirectUri,
      scope: scopes.join(" "),
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
      state,
      nonce,
    });
  }

  /**
   * Redeems the code that answers an attempt, by the host or by a redirect: state, issuer and the ID
   * token are checked.
   *
   * @param {Record<string, string>} answer `code`, `state` and `iss`, or `error`
   * @returns what is kept of a signed-in user: their tokens, and the id by which they are known here
   */
  async redeem(answer, attempt) {
    const address = new URL(this.#client.redirectUri);
    for (const [name, value] of Object.entries(answer)) {
      if (value !== undefined) address.searchParams.set(name, value);
    }
    const config = await this.#discovered();
    const checks = { pkceCodeVerifier: attempt.verifier, expectedState: attempt.state, expectedNonce: attempt.nonce };
    const tokens = await oidc.authorizationCodeGrant(config, address, checks);
    return { tokens, openId: tokens.claims().sub, refreshing: null };
  }

  /** The user's details. An access token that has expired is renewed, once for all who wait. */
  async details(user) {
    const config = await this.#discovered();
    const { access_token: tried } = user.tokens;
    const ask = () => oidc.fetchUserInfo(config, user.tokens.access_token, user.openId);
    try {
      return { details: await ask(), refreshed: false };
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
    // Whoever hears of it late finds the token renewed already.
    if (user.tokens.access_token === tried) {
      user.refreshing ??= renew(config, user).finally(() => (user.refreshing = null));
    }
    await user.refreshing;
    return { details: await ask(), refreshed: true };
  }

  /** Ends the user's tokens at the server too (RFC 7009). */
  async revoke(user) {
    const { refresh_token: refreshToken, access_token: accessToken } = user.tokens;
    await oidc.tokenRevocation(await this.#discovered(), refreshToken ?? accessToken);
  }

  /** What the server says of itself; asked once, and again after a failure. */
  #discovered() {
    const { clientId, clientSecret } = this.#client;
    const options = { algorithm: "oauth2", execute: [] };
    // Without TLS only on this machine, as for a sample host.
    if (new URL(this.#issuer).hostname === "127.0.0.1") options.execute.push(oidc.allowInsecureRequests);
    this.#config ??= oidc.discovery(new URL(this.#issuer), clientId, clientSecret, undefined, options).catch((error) => {
      this.#config = undefined;
      throw error;
    });
    return this.#config;
  }
}

async function renew(config, user) {
  const { refresh_token } = user.tokens;
  if (refresh_token === undefined) throw new Refusal("login_required");
  try {
    const renewed = await oidc.refreshTokenGrant(config, refresh_token);
    // A server that does not rotate sends no new one.
    user.tokens = { refresh_token, ...renewed };
  } catch (error) {
    // The grant is over: only a new code helps.
    throw error.error === "invalid_grant" ? new Refusal("login_required") : error;
  }
}

const isExpired = (error) => error instanceof oidc.WWWAuthenticateChallengeError && error.status === 401;

/** The reason of whatever was thrown, in the words of the bridge. */
export function reasonOf(error) {
  if (error instanceof Refusal) return error.reason;
  if (isExpired(error)) return "login_required";
  if (error instanceof oidc.AuthorizationResponseError) return error.error === "access_denied" ? "user_denied" : "server_error";
  if (error instanceof oidc.ResponseBodyError) return error.error === "invalid_grant" ? "code_rejected" : "server_error";
  // Without `openid` there is no ID token, and nothing by which to know the user again.
  const answer = error.cause?.body ?? error.cause?.cause?.body;
  if (answer?.access_token !== undefined && answer.id_token === undefined) return "not_recognised";
  if (error instanceof oidc.ClientError) return error.cause instanceof TypeError ? "network" : "server_error";
  return error instanceof TypeError && error.cause !== undefined ? "network" : "internal";
}
