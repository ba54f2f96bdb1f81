import { BridgeError } from "../errors.js";
import { withCallbacks } from "./callbacks.js";

/** What the platform's programs decide on, where it has a number for it; 3 is any other fault. */
const ERRORS = {
  unsupported_method: 1,
  not_in_container: 1,
  invalid_request: 2,
  invalid_scope: 2,
  scope_not_declared: 4,
  unauthorized_client: 4,
  disabled_by_host: 4,
  user_denied: 11,
  user_cancelled: 11,
  cooldown: 11,
  network: 12,
};

/** Names that never bring a sheet up. */
const SILENT = ["auth_base", "USER_ID"];

/**
 * @typedef {object} AuthCode
 * @property {string} authCode
 * @property {string[]} authSuccessScopes
 * @property {Record<string, string>} authErrorScopes what was not allowed, with why
 */

/**
 * @typedef {object} AuthFailure
 * @property {number} error
 * @property {string} errorMessage for developers
 * @property {Record<string, string>} authErrorScopes
 */

/**
 * `my.getAuthCode`.
 *
 * @param {import("./requests.js").Requests} requests
 */
export function myApi(requests) {
  return {
    /**
     * Asks for an authorization code. `success` gets `authCode`, `authSuccessScopes` and
     * `authErrorScopes`; `fail` gets `error`, `errorMessage` and `authErrorScopes`.
     *
     * @param {{ scopes?: string | string[], success?: (outcome: AuthCode) => void,
     *   fail?: (outcome: AuthFailure) => void, complete?: (outcome: AuthCode | AuthFailure) => void }} [options]
     */
    getAuthCode(options) {
      const { scopes = "auth_base", ...callbacks } = options ?? {};
      /** @type {string[]} */
      let names = [];
      const failed = (error) => Object.fromEntries(names.map((name) => [name, reasonOf(error)]));
      return withCallbacks(
        callbacks,
        async () => {
          names = namesIn(scopes);
          const prompt = names.every((name) => SILENT.includes(name)) ? "none" : "auto";
          const { code, grantedScopes, deniedScopes = {} } = await requests.code(names, { prompt });
          const missing = (name) => requests.meaning(name).find((scope) => !grantedScopes.includes(scope));
          const denied = names.filter(missing);
          const authErrorScopes = Object.fromEntries(
            denied.map((name) => [name, deniedScopes[missing(name)] ?? "server_refused"]),
          );
          if (denied.length === names.length) {
            throw new BridgeError({ reason: "user_denied", message: "nothing was allowed", authErrorScopes });
          }
          return { authCode: code, authSuccessScopes: names.filter((name) => !denied.includes(name)), authErrorScopes };
        },
        (/** @type {any} */ error) => ({
          error: ERRORS[reasonOf(error)] ?? 3,
          errorMessage: error?.message ?? String(error),
          authErrorScopes: error?.data?.authErrorScopes ?? failed(error),
        }),
      );
    },
  };
}

/**
 * @param {unknown} scopes
 * @returns {string[]}
 * @throws {BridgeError} `invalid_request` where it is neither a text nor a list of texts
 */
function namesIn(scopes) {
  const names = typeof scopes === "string" ? scopes.split(",").map((name) => name.trim()) : scopes;
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  throw new BridgeError({ reason: "invalid_request", message: "scopes" });
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof BridgeError ? error.reason : "internal";
}
