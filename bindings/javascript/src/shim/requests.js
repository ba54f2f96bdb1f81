import { within } from "./within.js";

/** Milliseconds that the host and the program's backend have to get ready, unless the call says otherwise. */
const PREPARATION_TIMEOUT = 3e4;

/** What the names that programs know mean in the standard scopes. */
const SCOPES = {
  auth_base: ["openid"],
  auth_user: ["openid", "profile"],
  USER_ID: ["openid"],
  USER_NICKNAME: ["openid", "profile"],
  USER_NAME: ["openid", "profile"],
  USER_EMAIL: ["openid", "email"],
  USER_CONTACTINFO_EMAIL: ["openid", "email"],
  USER_LOGIN_ID: ["openid", "phone"],
  USER_MOBILE_PHONE: ["openid", "phone"],
  PLAINTEXT_MOBILE_PHONE: ["openid", "phone"],
  "scope.userInfo": ["profile"],
  "scope.phoneNumber": ["phone"],
  "scope.email": ["email"],
};

/** Code requests in the words of another platform. */
export class Requests {
  #connect;
  #bridge;
  #getChallenge;
  #scopes;

  /**
   * @param {() => Promise<import("../bridge.js").Bridge>} connect
   * @param {() => Promise<string | { codeChallenge: string, nonce?: string }>} getChallenge
   * @param {Record<string, string[]>} [scopes]
   */
  constructor(connect, getChallenge, scopes) {
    this.#connect = connect;
    this.#getChallenge = getChallenge;
    this.#scopes = new Map(Object.entries({ ...SCOPES, ...scopes }));
  }

  /** The bridge, which is opened once; after a failure, or once it has closed, the next call opens another. */
  bridge() {
    this.#bridge ??= this.#open();
    return this.#bridge;
  }

  async #open() {
    const forget = () => (this.#bridge = undefined);
    try {
      const bridge = await this.#connect();
      bridge.on("close", forget);
      return bridge;
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** The standard scopes that a name stands for; an unknown name is a scope itself. */
  meaning(name) {
    return this.#scopes.get(name) ?? [name];
  }

  /** The names for which every scope is among these; a scope that is no known name is its own. */
  names(granted) {
    const names = new Set([...this.#scopes.keys(), ...granted]);
    return [...names].filter((name) => this.meaning(name).every((scope) => granted.includes(scope)));
  }

  /**
   * Asks for a code for these names, with a challenge of its own.
   *
   * @param {string[]} names
   * @param {{ prompt?: "auto" | "none", timeout?: number }} [options] `timeout` is for all of it
   */
  async code(names, { prompt, timeout } = {}) {
    const begun = performance.now();
    const prepare = async () => ({ bridge: await this.bridge(), challenge: await this.#getChallenge() });
    const { bridge, challenge } = await within(timeout ?? PREPARATION_TIMEOUT, prepare());
    const { codeChallenge, nonce } = typeof challenge === "string" ? { codeChallenge: challenge } : challenge;
    const scopes = [...new Set(names.flatMap((name) => this.meaning(name)))];
    const left = timeout && timeout - (performance.now() - begun);
    return bridge.requestCode({ scopes, codeChallenge, nonce, prompt, timeout: left });
  }
}
