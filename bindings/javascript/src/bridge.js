import { BridgeError } from "./errors.js";
import { listen } from "./listen.js";

/** Milliseconds a call waits unless it says otherwise. */
const CALL_TIMEOUT = 3e4;

/** A user reads and decides meanwhile; the host has a deadline of its own, which comes first. */
const USER_TIMEOUT = 6e5;

/** What a code request says. Whatever else the page's object holds, such as a verifier, stays there. */
const CODE_REQUEST = "scopes codeChallenge redirectUri state nonce prompt audience acrValues maxAge";

/** @typedef {import("./protocol.js").Methods} Methods */
/** @typedef {import("./protocol.js").Events} Events */

/**
 * @typedef {object} CallOptions
 * @property {AbortSignal} [signal] gives the call up with reason `aborted`
 * @property {number} [timeout] milliseconds after which the call is given up with reason `timeout`
 */

/**
 * What `requestCode` is asked for.
 *
 * @typedef {Omit<Methods["auth.requestCode"]["params"], "codeChallengeMethod"> & CallOptions} CodeRequest
 */

/**
 * A code and what it stands for.
 *
 * @typedef {Methods["auth.requestCode"]["result"]} CodeResult
 */

/**
 * An open bridge to the host. Every call settles exactly once, whatever becomes of the host, and
 * fails with a `BridgeError`.
 *
 * @typedef {Methods["host.initialize"]["result"] & Calls} Bridge
 */

/**
 * @typedef {object} Calls
 * @property {(request: CodeRequest) => Promise<CodeResult>} requestCode asks for an authorization
 *   code; the host asks the user where it must
 * @property {(options?: CallOptions) => Promise<Methods["auth.getGrants"]["result"]>} getGrants what
 *   the signed-in user has granted this program
 * @property {(request?: Methods["auth.revoke"]["params"] & CallOptions) =>
 *   Promise<Methods["auth.revoke"]["result"]>} revoke ends grants of the signed-in user to this
 *   program; all of them without `scopes`
 * @property {(options?: CallOptions) => Promise<Methods["auth.checkSession"]["result"]>} checkSession
 *   whether a user is signed in who has granted this program something
 * @property {(options?: CallOptions) => Promise<Methods["host.openSettings"]["result"]>} openSettings
 *   shows the user the host's settings of this program; resolves once they are on screen
 * @property {<Name extends string>(method: Name,
 *   params?: Name extends keyof Methods ? Methods[Name]["params"] : object, options?: CallOptions) =>
 *   Promise<Name extends keyof Methods ? Methods[Name]["result"] : any>} call any method of the host;
 *   `capabilities.limits` tells how large a message may be, and a larger one fails as `invalid_request`
 * @property {<Name extends string>(event: Name,
 *   listener: (params: Name extends keyof Events ? Events[Name]
 *     : Name extends "close" ? BridgeError : any) => void) => () => void} on
 *   listens to an event of the host, or to `close`, which tells with a `BridgeError` that the bridge
 *   has ended; gives a function that stops listening
 * @property {(method: string) => boolean} supports whether the host has a method
 * @property {() => void} close ends the bridge; calls that still wait are cancelled at the host and
 *   settle as `aborted`
 */

/**
 * Agrees on a version with the host at the other end.
 *
 * @param {import("./transports/transport.js").Transport} transport
 * @param {{ min: number, max: number }} versions
 * @param {number} timeout milliseconds
 * @returns {Promise<Bridge>}
 */
export async function openBridge(transport, versions, timeout) {
  let isOpen = true;
  let count = 0;
  // Unguessable, so that a reply meant for an earlier document can never settle a call of this one.
  const prefix = crypto.getRandomValues(new Uint32Array(3)) + "";
  const events = new EventTarget();
  /**
   * What settles each call that waits, by its id; what comes after that finds no call.
   *
   * @type {Record<string, (error?: BridgeError | false, result?: unknown) => void>}
   */
  const waiting = Object.create(null);

  const settle = (id, error, result) => waiting[id]?.(error && new BridgeError(error), result);

  const emit = (name, data) => events.dispatchEvent(new MessageEvent(name, { data }));

  /** Takes a text of the host; `sent` is the call that it is the reply to, where the transport knows. */
  const receive = (text, sent) => {
    let message;
    try {
      message = JSON.parse(text);
    } catch {}
    if (message?.jsonrpc !== "2.0") return;
    const { id, method, params, error, result } = message;
    // What ends the bridge is told by the page side alone.
    if (method) return id ?? (method === "close" || emit(method, params));
    // A host that cannot read a message names no call when it refuses, and does so at once: it
    // means the one that was sent last. A reply that says neither fails its call alone.
    settle(
      id ?? sent ?? (error && Object.keys(waiting).pop()),
      (error ?? result === undefined) && { message: error?.message, ...error?.data },
      result,
    );
  };

  /** Sends, and takes the reply where the transport hands it back instead of publishing it. */
  const send = async (message) => {
    const { id } = message;
    /** @type {import("./protocol.js").Reason} */
    let reason = "invalid_request";
    let cause;
    try {
      const text = JSON.stringify({ jsonrpc: "2.0", ...message });
      reason = "context_destroyed";
      const reply = await transport.send(text);
      if (reply === undefined) return;
      receive(reply, id);
      reason = "internal";
    } catch (error) {
      cause = error;
    }
    settle(id, { reason, cause });
  };

  /** @type {(method: string, params?: object, options?: CallOptions) => Promise<any>} */
  const call = (method, params = {}, { signal, timeout = CALL_TIMEOUT } = {}) =>
    new Promise((resolve, reject) => {
      if (!isOpen) throw new BridgeError({ reason: "context_destroyed" });
      const id = prefix + count++;
      const onAbort = () => giveUp(id, "aborted", signal?.reason);
      // Beyond what a timer can hold it would fire at once.
      const timer = setTimeout(giveUp, Math.min(timeout, 2 ** 31 - 1), id, "timeout");
      const stop = listen(signal, "abort", onAbort);
      waiting[id] = (error, result) => {
        clearTimeout(timer);
        stop();
        delete waiting[id];
        error ? reject(error) : resolve(result);
      };
      if (signal?.aborted) return onAbort();
      send({ id, method, params });
    });

  const giveUp = (id, reason, cause) => {
    settle(id, { reason, cause });
    // A host that cannot be told any more has nothing left to cancel.
    send({ method: "$/cancelRequest", params: { id } });
  };

  const end = (reason) => {
    if (!isOpen) return;
    isOpen = false;
    for (const id in waiting) giveUp(id, reason);
    unsubscribe?.();
    transport.close?.();
    emit("close", new BridgeError({ reason }));
  };

  // Later, as a host may tell that it is gone while it is being subscribed to.
  const unsubscribe = transport.subscribe(receive, async () => end(await "context_destroyed"));
  try {
    const client = { name: "@minihost/bridge", version: "1.0.0" };
    const answer = await call("host.initialize", { versions, client }, { timeout });
    const methods = answer?.capabilities?.methods;
    const isAgreed = methods && answer.version >= versions.min && answer.version <= versions.max;
    if (!isAgreed) throw new BridgeError({ reason: "unsupported_version" });
    return {
      ...answer,
      call,
      close: () => end("aborted"),
      async requestCode({ signal, timeout = USER_TIMEOUT, ...request }) {
        const params = { codeChallengeMethod: "S256" };
        for (const name of CODE_REQUEST.split(" ")) params[name] = request[name];
        const code = await call("auth.requestCode", params, { signal, timeout });
        if (!code?.code || code.state !== request.state) throw new BridgeError({ reason: "server_error" });
        return code;
      },
      getGrants: (options) => call("auth.getGrants", {}, options),
      revoke: ({ scopes, ...options } = {}) => call("auth.revoke", { scopes }, options),
      checkSession: (options) => call("auth.checkSession", {}, options),
      openSettings: (options) => call("host.openSettings", {}, options),
      supports: (method) => methods.includes(method),
      on: (event, listener) => listen(events, event, ({ data }) => listener(data)),
    };
  } catch (error) {
    end("aborted");
    throw error;
  }
}
