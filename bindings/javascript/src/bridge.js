import { BridgeError } from "./errors.js";
import { Listeners } from "./listeners.js";
import { PendingCalls } from "./pending.js";
import { LIMITS, decode, encode, malformed } from "./wire.js";

/** Milliseconds a call waits unless it says otherwise. */
const CALL_TIMEOUT = 30_000;

/** A user reads and decides meanwhile; the host has a deadline of its own, which comes first. */
const REQUEST_CODE_TIMEOUT = 10 * 60_000;

/**
 * @typedef {object} CallOptions
 * @property {AbortSignal} [signal] gives the call up with reason `aborted`
 * @property {number} [timeout] milliseconds after which the call is given up with reason `timeout`
 */

/**
 * @typedef {object} CodeRequest
 * @property {string[]} scopes what to ask for; each declared in the manifest
 * @property {string} codeChallenge S256 challenge, 43 base64url characters (RFC 7636)
 * @property {string} [redirectUri] one of the manifest's; may be left out when there is only one
 * @property {string} [state] at most 1,024 characters; comes back unchanged
 * @property {string} [nonce] at most 256 characters; goes into the ID token
 * @property {"auto" | "none" | "consent" | "login" | "select_account"} [prompt] when to ask the
 *   user: only for what is not granted (the default), never, always, after signing in again, or
 *   after choosing an account
 * @property {string} [audience] absolute URI of the resource (RFC 8707)
 * @property {string[]} [acrValues]
 * @property {number} [maxAge] seconds
 */

/**
 * @typedef {object} IssuedCode
 * @property {string} code to be redeemed at once, with the verifier, by the program itself
 * @property {string} [state] as it was sent
 * @property {string} [iss] the issuer that the host verified (RFC 9207); compare it
 * @property {string} clientId
 * @property {string} redirectUri to be repeated when the code is redeemed
 * @property {string[]} grantedScopes
 * @property {Record<string, "user_denied" | "not_registered" | "server_refused">} deniedScopes
 * @property {number} [expiresIn] seconds
 */

/** An open bridge to the host. Made by `connect`. */
export class Bridge {
  #transport;
  #unsubscribe;
  #limits = LIMITS;
  #calls = new PendingCalls();
  #listeners = new Listeners();
  #nextId = 1;
  #isOpen = true;

  // Unguessable, so that a reply meant for an earlier document can never settle a call of this one.
  #idPrefix = Array.from(globalThis.crypto.getRandomValues(new Uint32Array(3)), (word) =>
    word.toString(36),
  ).join("");

  /** @param {import("./transports/transport.js").Transport} transport */
  constructor(transport) {
    this.#transport = transport;
    this.#unsubscribe = transport.subscribe(
      (text) => this.#receive(text),
      () => this.#end(new BridgeError("context_destroyed", "The host is gone.")),
    );
  }

  /**
   * Agrees on a version. Called once, by `connect`.
   *
   * @param {{ min: number, max: number }} versions
   * @param {CallOptions} options
   */
  async initialize(versions, options) {
    const client = { name: "@minihost/bridge", version: "1.0.0" };
    const answer = await this.call("host.initialize", { versions, client }, options);
    if (!Number.isInteger(answer?.version) || !Array.isArray(answer.capabilities?.methods)) {
      throw malformed();
    }
    if (answer.version < versions.min || answer.version > versions.max) {
      const message = `The host chose bridge version ${answer.version}, which was not offered.`;
      throw new BridgeError("unsupported_version", message);
    }
    this.#limits = { ...LIMITS, ...answer.capabilities.limits };
    /** The bridge version in use. */
    this.version = answer.version;
    /** Whom the host takes this page for: `{ id, version }`. */
    this.miniProgram = Object.freeze({ ...answer.miniProgram });
    /** Who the host is: `{ name, version, platform }`. */
    this.host = Object.freeze({ ...answer.host });
    /** The user's language, BCP 47. */
    this.locale = typeof answer.locale === "string" ? answer.locale : "en";
    /** How the program was opened: `{ path?, query?, source? }`. Untrusted input. */
    this.launch = Object.freeze({ ...answer.launch });
    /** What the host can do: `{ methods, events, limits }`. */
    this.capabilities = Object.freeze({ ...answer.capabilities });
  }

  /** Whether the host has this method. */
  supports(method) {
    return this.capabilities.methods.includes(method);
  }

  /**
   * Asks the host for an authorization code. The host asks the user where it must.
   *
   * @param {CodeRequest & CallOptions} request
   * @returns {Promise<IssuedCode>}
   * @throws {BridgeError}
   */
  async requestCode({ signal, timeout = REQUEST_CODE_TIMEOUT, ...request }) {
    // Named one by one: whatever else the caller's object holds, such as a verifier, stays here.
    const { scopes, codeChallenge, redirectUri, state, nonce, prompt, audience, acrValues, maxAge } = request;
    const codeChallengeMethod = "S256";
    const params = {
      ...{ scopes, codeChallenge, codeChallengeMethod, redirectUri, state, nonce },
      ...{ prompt, audience, acrValues, maxAge },
    };
    const answer = await this.call("auth.requestCode", params, { signal, timeout });
    if (typeof answer?.code !== "string" || !Array.isArray(answer.grantedScopes)) throw malformed();
    if (answer.state !== state) {
      throw new BridgeError("server_error", "The code belongs to another request: wrong state.");
    }
    return { deniedScopes: {}, ...answer };
  }

  /**
   * Calls a method of the host. Settles exactly once, whatever becomes of the host.
   *
   * @param {string} method
   * @param {object} [params]
   * @param {CallOptions} [options]
   * @returns {Promise<any>}
   * @throws {BridgeError}
   */
  async call(method, params = {}, { signal, timeout = CALL_TIMEOUT } = {}) {
    if (!this.#isOpen) throw new BridgeError("context_destroyed", "The bridge is closed.");
    const id = `${this.#idPrefix}-${this.#nextId++}`;
    const text = encode({ id, method, params }, this.#limits);
    const settled = this.#calls.open(id, { timeout, signal, onGivenUp: () => this.#cancel(id) });
    if (this.#calls.isOpen(id)) this.#send(text, (error) => this.#calls.reject(id, error));
    return settled;
  }

  /**
   * Listens to an event of the host, or to `close`, which tells with a `BridgeError` that the
   * bridge has ended.
   *
   * @param {string} event
   * @param {(params: any) => void} listener
   * @returns {() => void} stops listening
   */
  on(event, listener) {
    return this.#listeners.add(event, listener);
  }

  /** Ends the bridge. Calls that still wait are cancelled at the host and settle as `aborted`. */
  close() {
    if (!this.#isOpen) return;
    for (const id of this.#calls.ids()) this.#cancel(id);
    this.#end(new BridgeError("aborted", "The page closed the bridge."));
  }

  #end(error) {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#calls.rejectAll(error);
    this.#unsubscribe?.();
    this.#transport.close?.();
    this.#listeners.emit("close", error);
  }

  #cancel(id) {
    const message = { method: "$/cancelRequest", params: { id } };
    // The call has settled; a host that cannot be told any more has nothing left to cancel.
    this.#send(encode(message, this.#limits), () => {});
  }

  /** Sends, and takes the reply where the transport hands it back instead of publishing it. */
  async #send(text, onFailure) {
    try {
      const reply = await this.#transport.send(text);
      if (typeof reply !== "string" && reply !== null) return;
      if (!this.#receive(reply)) onFailure(malformed());
    } catch (cause) {
      onFailure(new BridgeError("context_destroyed", "The host cannot be reached.", { cause }));
    }
  }

  /** @returns {boolean} whether the text was a message of this protocol */
  #receive(text) {
    const message = decode(text);
    if (message?.kind === "result") this.#calls.resolve(message.id, message.result);
    else if (message?.kind === "error") this.#calls.reject(message.id, message.error);
    else if (message?.kind === "event") this.#listeners.emit(message.name, message.params);
    return message !== null;
  }
}
