import { createServer } from "node:http";
import { after } from "node:test";

/** The client that its ID tokens are for. */
export const CLIENT = "sample";
const ES256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const base64url = (content) => Buffer.from(content).toString("base64url");

/**
 * An authorization server on this machine with one user at a time. What it says is given by its
 * members, for a test to change; `asked` counts what came to each of its addresses.
 */
export class Server {
  sub = "alice";
  userInfo = {};
  claims = {};
  tokens = {};
  metadata = {};
  nonce = null;
  refusesRefresh = false;
  asked = { "/token": 0, "/userinfo": 0, "/revoke": 0 };
  revoked = [];
  #issued = 0;
  #good = new Set();
  #held = new Map();

  static async start() {
    const server = new Server();
    server.pair = await crypto.subtle.generateKey(ES256, true, ["sign", "verify"]);
    const http = createServer((request, response) => server.#answer(request, response));
    await new Promise((resolve) => http.listen(0, "127.0.0.1", resolve));
    server.issuer = `http://127.0.0.1:${http.address().port}`;
    after(() => {
      http.closeAllConnections();
      http.close();
    });
    return server;
  }

  /** Access tokens issued before are good no more. */
  expire() {
    this.#good.clear();
  }

  /**
   * Keeps the answers of an address back from now on. Gives what resolves with each that is ready to
   * go, in turn, as a function that lets it go.
   */
  hold(path) {
    const waiting = [];
    const takers = [];
    this.#held.set(path, (letGo) => (takers.shift() ?? ((each) => waiting.push(each)))(letGo));
    return () => new Promise((resolve) => (waiting.length > 0 ? resolve(waiting.shift()) : takers.push(resolve)));
  }

  release(path) {
    this.#held.delete(path);
  }

  async sign(claims, { header = { alg: "ES256", kid: "1" }, key = this.pair.privateKey } = {}) {
    const content = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
    return `${content}.${base64url(await crypto.subtle.sign(ES256, key, Buffer.from(content)))}`;
  }

  /** The claims of a token that is as it should be. */
  goodClaims() {
    const exp = Math.floor(Date.now() / 1000) + 600;
    return { iss: this.issuer, aud: CLIENT, nonce: this.nonce, sub: this.sub, iat: exp - 600, exp };
  }

  async #answer(request, response) {
    let form = "";
    for await (const part of request) form += part;
    const { status = 200, ...body } = await this.#body(request, new URLSearchParams(form));
    if (status === 401) response.setHeader("WWW-Authenticate", 'Bearer error="invalid_token"');
    const send = () => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
    const held = this.#held.get(request.url);
    if (held === undefined) send();
    else held(send);
  }

  async #body({ url, headers }, form) {
    if (url in this.asked) this.asked[url] += 1;
    switch (url) {
      case "/.well-known/oauth-authorization-server": {
        const at = (path) => this.issuer + path;
        return {
          issuer: this.issuer,
          authorization_endpoint: at("/authorize"),
          token_endpoint: at("/token"),
          userinfo_endpoint: at("/userinfo"),
          revocation_endpoint: at("/revoke"),
          jwks_uri: at("/keys"),
          id_token_signing_alg_values_supported: ["ES256"],
          ...this.metadata,
        };
      }
      case "/keys":
        return { keys: [{ ...(await crypto.subtle.exportKey("jwk", this.pair.publicKey)), kid: "1" }] };
      case "/token": {
        if (this.refusesRefresh && form.get("grant_type") === "refresh_token") {
          return { status: 400, error: "invalid_grant" };
        }
        this.#issued += 1;
        const access_token = `access-${this.#issued}`;
        this.#good.add(`Bearer ${access_token}`);
        const id_token = await this.sign({ ...this.goodClaims(), ...this.claims });
        const refresh_token = `refresh-${this.#issued}`;
        return { token_type: "Bearer", access_token, refresh_token, id_token, ...this.tokens };
      }
      case "/userinfo":
        if (!this.#good.has(headers.authorization)) return { status: 401 };
        return { sub: this.sub, ...this.userInfo };
      case "/revoke":
        this.revoked.push(form.get("token"));
        return {};
      default:
        return { status: 404 };
    }
  }
}
