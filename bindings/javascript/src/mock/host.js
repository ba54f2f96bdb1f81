import { BridgeError } from "../errors.js";
import { showBanner } from "./banner.js";
import { fakeCodes } from "./codes.js";
import { Grants } from "./grants.js";
import { refuseInsideHost } from "./inside.js";
import { Refusal } from "./refusal.js";
import { ask } from "./user.js";

const LIMITS = { messageBytes: 65536, depth: 16, members: 128, pending: 32 };
const VERSION = 1;

/**
 * @typedef {object} MockOptions
 * @property {import("./user.js").Answer | ((request: import("../bridge.js").Methods["auth.requestCode"]["params"]) =>
 *   import("./user.js").Answer)} [answer] what the user answers when asked; `allow` when left out
 * @property {import("./codes.js").Codes} [codes] where codes come from; made up when left out
 * @property {string[]} [silent] scopes that the host gives without asking; none when left out
 * @property {string[]} [scopes] what the manifest declares; anything when left out
 * @property {string} [locale]
 * @property {{ id: string, version: string }} [miniProgram]
 * @property {{ path?: string, query?: string, source?: string }} [launch]
 */

/**
 * Makes a transport for `connect` with a host at its other end whose user follows a script. The
 * user is signed in; `signOut` changes that. What the user allowed is remembered.
 *
 * @param {MockOptions} [options]
 * @returns {import("../transports/transport.js").Transport & { signIn(): void, signOut(): void,
 *   show(visible: boolean): void }}
 * @throws {BridgeError} `invalid_request` inside a host
 */
export function mockHost({
  answer = "allow",
  codes = fakeCodes(),
  silent = [],
  scopes,
  locale = "en",
  miniProgram = { id: "mock", version: "0.0.0" },
  launch = {},
} = {}) {
  refuseInsideHost(globalThis);
  showBanner(globalThis.document);

  let deliver;
  let isSignedIn = true;
  let isInitialized = false;
  const grants = new Grants();
  /** How to abort each request that waits for the user. */
  const waiting = new Map();

  const write = (message) => JSON.stringify({ jsonrpc: "2.0", ...message });
  const tell = (method, params) => deliver?.(write({ method, params }));
  const isValid = () => isSignedIn && grants.any();

  const setSignedIn = (signedIn) => {
    const before = isValid();
    isSignedIn = signedIn;
    // A program without a grant is told nothing, so that it cannot watch who comes and goes.
    if (isValid() !== before) tell("auth.sessionChanged", { valid: isValid() });
  };

  const methods = {
    "host.initialize"({ versions }) {
      if (!(versions?.min <= VERSION && versions.max >= VERSION)) {
        throw new Refusal("unsupported_version", { versions: { min: VERSION, max: VERSION } });
      }
      isInitialized = true;
      const host = { name: "Mock host", version: "0.0.0", platform: "mock" };
      const events = ["auth.grantsChanged", "auth.sessionChanged", "host.visibilityChanged"];
      const capabilities = { methods: Object.keys(methods), events, limits: LIMITS };
      return { version: VERSION, miniProgram, host, locale, launch, capabilities };
    },

    async "auth.requestCode"(params, signal) {
      check(params, scopes);
      const { prompt = "auto", state } = params;
      if (!isSignedIn) throw new Refusal(grants.any() ? "login_required" : "interaction_required");
      let granted = params.scopes;
      const isSilent = granted.every((scope) => silent.includes(scope)) || grants.cover(granted);
      if (!isSilent || !["auto", "none"].includes(prompt)) {
        if (prompt === "none") throw new Refusal("interaction_required");
        granted = await ask(typeof answer === "function" ? answer(params) : answer, params.scopes, signal);
        grants.add(granted);
        tell("auth.grantsChanged", grants.list());
      }
      const denied = params.scopes.filter((scope) => !granted.includes(scope));
      const deniedScopes = Object.fromEntries(denied.map((scope) => [scope, "user_denied"]));
      const issued = await codes({ ...params, scopes: granted }, miniProgram);
      return { ...issued, state, grantedScopes: granted, deniedScopes };
    },

    "auth.getGrants": () => (isSignedIn ? grants.list() : { grants: [] }),

    "auth.revoke"({ scopes: ended }) {
      const revokedScopes = isSignedIn ? grants.remove(ended) : [];
      if (revokedScopes.length > 0) tell("auth.grantsChanged", grants.list());
      return { revokedScopes, atServer: !grants.any() };
    },

    "auth.checkSession": () => ({ valid: isValid() }),

    "host.openSettings": () => ({}),
  };

  /** @param {{ id?: string, method: string, params?: any }} message */
  const handle = async ({ id, method, params = {} }) => {
    if (method === "$/cancelRequest") return waiting.get(params.id)?.abort();
    const controller = new AbortController();
    waiting.set(id, controller);
    try {
      if (!Object.hasOwn(methods, method)) throw new Refusal("unsupported_method");
      if (!isInitialized && method !== "host.initialize") throw new Refusal("invalid_request");
      deliver?.(write({ id, result: await methods[method](params, controller.signal) }));
    } catch (error) {
      deliver?.(write({ id, error: Refusal.from(error).toReply() }));
    } finally {
      waiting.delete(id);
    }
  };

  return {
    send: (text) => void handle(JSON.parse(text)),
    subscribe(onMessage) {
      deliver = onMessage;
      return () => {
        deliver = undefined;
        for (const controller of waiting.values()) controller.abort();
      };
    },
    signIn: () => setSignedIn(true),
    signOut: () => setSignedIn(false),
    show: (visible) => tell("host.visibilityChanged", { visible }),
  };
}

/** What a real host checks before it asks anybody, so that a mistake shows here already. */
function check({ scopes, codeChallenge, codeChallengeMethod }, declared) {
  const isList = Array.isArray(scopes) && scopes.length > 0 && new Set(scopes).size === scopes.length;
  if (!isList || !scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(scope))) {
    throw new Refusal("invalid_request", { message: "scopes must be 1 to 32 different scope-tokens" });
  }
  if (codeChallengeMethod !== "S256" || !/^[\w-]{43}$/.test(codeChallenge)) {
    throw new Refusal("invalid_request", { message: "codeChallenge must be 43 base64url characters, S256" });
  }
  const undeclared = declared ? scopes.filter((scope) => !declared.includes(scope)) : [];
  if (undeclared.length > 0) throw new Refusal("scope_not_declared", { scopes: undeclared });
}
