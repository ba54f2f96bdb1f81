import { BridgeError } from "../errors.js";
import { showBanner } from "./banner.js";
import { check } from "./check.js";
import { fakeCodes } from "./codes.js";
import { Grants } from "./grants.js";
import { refuseInsideHost } from "./inside.js";
import { Refusal } from "./refusal.js";
import { visitSettings } from "./settings.js";
import { ask } from "./user.js";

const LIMITS = { messageBytes: 65536, depth: 16, members: 128, pending: 32 };
const VERSION = 1;

/**
 * @typedef {object} MockOptions
 * @property {import("./user.js").Answer | ((request: import("../bridge.js").Methods["auth.requestCode"]["params"]) =>
 *   import("./user.js").Answer)} [answer] what the user answers when asked; `allow` when left out. A
 *   function gets the request with the scopes that are asked for: those not granted yet
 * @property {import("./settings.js").SettingsVisit} [settings] what the user does in the host's settings;
 *   looks and comes back when left out
 * @property {import("./codes.js").Codes} [codes] where codes come from; made up when left out
 * @property {string[]} [silent] scopes that the host gives without asking; none when left out
 * @property {string[]} [scopes] what the manifest declares; anything when left out
 * @property {string} [locale]
 * @property {{ id: string, version: string }} [miniProgram]
 * @property {{ path?: string, query?: string, source?: string }} [launch]
 */

/**
 * @typedef {import("../transports/transport.js").Transport & { signIn(): void, signOut(): void,
 *   show(visible: boolean): void }} MockHost a transport, and what happens at its other end
 */

/**
 * Makes a transport for `connect` with a host at its other end whose user follows a script. The
 * user is signed in; `signOut` changes that. What the user allowed is remembered.
 *
 * @param {MockOptions} [options]
 * @returns {MockHost}
 * @throws {BridgeError} `invalid_request` inside a host
 */
export function mockHost({
  answer = "allow",
  settings = {},
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
  let isVisible = true;
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

  const answered = (request, signal) =>
    ask(typeof answer === "function" ? answer(request) : answer, request.scopes, signal);

  const revoke = (ended) => {
    const revoked = isSignedIn ? grants.remove(ended) : [];
    if (revoked.length > 0) tell("auth.grantsChanged", grants.list());
    return revoked;
  };

  const show = (visible) => {
    isVisible = visible;
    tell("host.visibilityChanged", { visible });
  };

  /** Refuses where nobody may be asked. A program without a grant does not learn why not. */
  const checkMayAsk = (prompt) => {
    if (prompt === "none" && isValid()) throw new Refusal("consent_required");
    if (prompt === "none" || !isVisible) throw new Refusal("interaction_required");
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
      check(params, ["scopes", "codeChallenge", "codeChallengeMethod"]);
      const { prompt = "auto", state, scopes: asked } = params;
      const undeclared = scopes ? asked.filter((scope) => !scopes.includes(scope)) : [];
      if (undeclared.length > 0) throw new Refusal("scope_not_declared", { scopes: undeclared });
      if (!isSignedIn) {
        checkMayAsk(prompt);
        throw new Refusal("login_required");
      }
      const already = prompt === "consent" ? [] : grants.among(asked);
      const missing = asked.filter((scope) => !already.includes(scope));
      const isSilent = missing.length === 0 || asked.every((scope) => silent.includes(scope));
      let granted = asked;
      if (!isSilent || !["auto", "none"].includes(prompt)) {
        checkMayAsk(prompt);
        // Signing in again or choosing an account is a question too, even where nothing is missing.
        const offered = missing.length > 0 ? missing : asked;
        const allowed = await answered({ ...params, scopes: offered }, signal).catch((refusal) => {
          // Whoever is asked again and denies has taken back what was granted.
          if (prompt === "consent" && refusal.reason === "user_denied") revoke(offered);
          throw refusal;
        });
        if (prompt === "consent") grants.remove(offered.filter((scope) => !allowed.includes(scope)));
        grants.add(allowed);
        tell("auth.grantsChanged", grants.list());
        const earlier = grants.among(already);
        granted = asked.filter((scope) => allowed.includes(scope) || earlier.includes(scope));
      }
      const denied = asked.filter((scope) => !granted.includes(scope));
      const deniedScopes = Object.fromEntries(denied.map((scope) => [scope, "user_denied"]));
      const issued = await codes({ ...params, scopes: granted }, miniProgram);
      return { ...issued, state, grantedScopes: granted, deniedScopes };
    },

    "auth.getGrants": () => (isSignedIn ? grants.list() : { grants: [] }),

    "auth.revoke"(params) {
      check(params, []);
      const { scopes: ended } = params;
      const revokedScopes = revoke(ended);
      return { revokedScopes, atServer: revokedScopes.length > 0 && !grants.any() };
    },

    "auth.checkSession": () => ({ valid: isValid() }),

    "host.openSettings"() {
      visitSettings(settings, { revoke, show });
      return {};
    },
  };

  /** @param {{ id?: string, method: string, params?: any }} message */
  const handle = async ({ id, method, params = {} }) => {
    if (method === "$/cancelRequest") return waiting.get(params.id)?.abort();
    const controller = new AbortController();
    waiting.set(id, controller);
    try {
      if (typeof params !== "object" || params === null || Array.isArray(params)) {
        throw new Refusal("invalid_request", { message: "params must be an object" });
      }
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
    show,
  };
}
