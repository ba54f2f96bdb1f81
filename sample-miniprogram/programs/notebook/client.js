import { createPkce } from "/minihost/index.js";
import { verifiedClaims } from "./id-token.js";

/** What the authorization server, or this page in its place, refused. */
export class OAuthError extends Error {
  constructor(reason, message = reason) {
    super(message);
    this.reason = reason;
  }
}

/**
 * An OAuth client within the page, for a program that has no backend: a public client (RFC 6749
 * §2.1), whose codes are good for it alone because of PKCE. Its tokens stay in memory; whoever loads
 * the page again is given a new code without being asked, as long as they agree.
 */
export class Client {
  #issuer;
  #clientId;
  #redirectUri;
  #server;
  /** Whose tokens these are, with what is under way for them; null where nobody is signed in. */
  #user = null;
  #underWay = new AbortController();

  constructor({ issuer, clientId, redirectUri }) {
    this.#issuer = issuer;
    this.#clientId = clientId;
    this.#redirectUri = redirectUri;
  }

  /** What one request for a code needs. The verifier stays in the page until the code is redeemed. */
  async newRequest() {
    const { codeVerifier, codeChallenge } = await createPkce();
    return { codeVerifier, codeChallenge, state: crypto.randomUUID(), nonce: crypto.randomUUID() };
  }

  /** Where a browser outside any host goes to sign its user in. */
  async authorizationUrl({ codeChallenge, state, nonce }, scopes) {
    const { authorization_endpoint: endpoint } = await this.#metadata();
    const query = new URLSearchParams({
      response_type: "code",
      client_id: this.#clientId,
      redirect_uri: this.#redirectUri,
      scope: scopes.join(" "),
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
      state,
      nonce,
    });
    return `${endpoint}?${query}`;
  }

  /**
   * Redeems the code that answers a request.
   *
   * @returns {Promise<string>} the user's id here, the same at every sign-in
   */
  async redeem({ code, state, iss }, request) {
    const { signal } = this.#underWay;
    if (state !== request.state) throw new OAuthError("state_mismatch");
    if (iss !== this.#issuer) throw new OAuthError("issuer_mismatch");
    return unlessForgotten(signal, async () => {
      const form = {
        grant_type: "authorization_code",
        code,
        redirect_uri: this.#redirectUri,
        code_verifier: request.codeVerifier,
      };
      const tokens = await this.#token(form, signal);
      // Without `openid` there is nothing by which to know the user again.
      if (tokens.id_token === undefined) throw new OAuthError("not_recognised");
      const { jwks_uri: keys } = await this.#metadata();
      const expected = { iss: this.#issuer, aud: this.#clientId, nonce: request.nonce };
      const { sub } = await verifiedClaims(tokens.id_token, keys, expected);
      signal.throwIfAborted();
      this.#user = { sub, tokens, refreshing: null, signal };
      return sub;
    });
  }

  /**
   * The user's details. An access token that has expired is renewed, once for all who wait.
   *
   * @returns {Promise<{ user: object, refreshed: boolean }>}
   * @throws {OAuthError} `login_required` where a new code is needed
   */
  async details() {
    const user = this.#user;
    if (user === null) throw new OAuthError("login_required");
    return unlessForgotten(user.signal, async () => {
      const { access_token: tried } = user.tokens;
      const details = await this.#userInfo(user);
      if (details !== null) return { user: details, refreshed: false };
      // Whoever hears of it late finds the token renewed already.
      if (user.tokens.access_token === tried) {
        user.refreshing ??= this.#refresh(user).finally(() => (user.refreshing = null));
      }
      await user.refreshing;
      const again = await this.#userInfo(user);
      if (again === null) throw this.#ended(user);
      return { user: again, refreshed: true };
    });
  }

  /** Ends the tokens at the server (RFC 7009) and forgets them. */
  async signOut() {
    const user = this.#user;
    this.forget();
    if (user === null) return;
    const { revocation_endpoint: endpoint } = await this.#metadata();
    await this.#post(endpoint, { token: user.tokens.refresh_token ?? user.tokens.access_token });
  }

  /** Forgets the user and their tokens. What is under way for them fails with this reason. */
  forget(reason = "login_required") {
    this.#user = null;
    this.#underWay.abort(new OAuthError(reason));
    this.#underWay = new AbortController();
  }

  /** Null where the access token is good no more. */
  async #userInfo(user) {
    const { sub, tokens, signal } = user;
    const { userinfo_endpoint: endpoint } = await this.#metadata();
    const headers = { authorization: `Bearer ${tokens.access_token}` };
    const response = await reach(endpoint, { headers, signal });
    if (response.status === 401) return null;
    if (!response.ok) throw new OAuthError("server_error");
    const details = await response.json();
    // Only so are they known to be those of the user whom the ID token names (OpenID Connect Core §5.3.2).
    if (details.sub !== sub) throw this.#ended(user, "user_mismatch");
    return details;
  }

  async #refresh(user) {
    const { refresh_token } = user.tokens;
    if (refresh_token === undefined) throw this.#ended(user);
    try {
      const renewed = await this.#token({ grant_type: "refresh_token", refresh_token }, user.signal);
      // A server that does not rotate sends no new one.
      user.tokens = { refresh_token, ...renewed };
    } catch (error) {
      throw error.reason === "code_rejected" ? this.#ended(user) : error;
    }
  }

  #ended(user, reason = "login_required") {
    if (this.#user === user) this.forget(reason);
    return new OAuthError(reason);
  }

  async #token(form, signal) {
    const { token_endpoint: endpoint } = await this.#metadata();
    const response = await this.#post(endpoint, form, signal);
    const answer = await response.json();
    if (response.ok) return answer;
    throw new OAuthError(answer.error === "invalid_grant" ? "code_rejected" : "server_error", answer.error);
  }

  #post(endpoint, form, signal) {
    const body = new URLSearchParams({ ...form, client_id: this.#clientId });
    return reach(endpoint, { method: "POST", body, signal });
  }

  /** What the server says of itself (RFC 8414); asked once, and again after a failure. */
  #metadata() {
    this.#server ??= readMetadata(this.#issuer).catch((error) => {
      this.#server = undefined;
      throw error;
    });
    return this.#server;
  }
}

/** What work comes to. Where its user is forgotten meanwhile, it fails with the reason for that. */
async function unlessForgotten(signal, work) {
  try {
    return await work();
  } finally {
    signal.throwIfAborted();
  }
}

async function readMetadata(issuer) {
  const response = await reach(`${issuer}/.well-known/oauth-authorization-server`);
  const metadata = await response.json();
  if (metadata.issuer !== issuer) throw new OAuthError("issuer_mismatch");
  return metadata;
}

async function reach(address, options) {
  try {
    return await fetch(address, options);
  } catch {
    throw new OAuthError("network");
  }
}
