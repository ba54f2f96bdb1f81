/** Reasons after which the same call may succeed later, unchanged. */
const RETRYABLE = new Set([
  "throttled",
  "cooldown",
  "busy",
  "timeout",
  "network",
  "server_error",
  "temporarily_unavailable",
]);

/** What a JSON-RPC code alone tells, for an error that came without a reason. */
const REASON_OF_CODE = new Map([
  [-32700, "invalid_request"],
  [-32600, "invalid_request"],
  [-32601, "unsupported_method"],
  [-32602, "invalid_request"],
  [-32800, "aborted"],
]);

/**
 * The one error class of the bridge. Decide on `reason`; `message` is English, for developers,
 * and must not be shown to users.
 */
export class BridgeError extends Error {
  /**
   * @param {string} reason a stable reason, such as `user_denied`
   * @param {string} message what happened, for developers
   * @param {object} [details]
   * @param {boolean} [details.retryable] whether the same call may succeed later
   * @param {number} [details.retryAfter] seconds to wait before trying again
   * @param {string} [details.correlationId] finds this failure in the host's log
   * @param {Record<string, unknown>} [details.data] the further members of the host's error, such
   *   as `scopes` for `scope_not_declared` or `versions` for `unsupported_version`
   * @param {unknown} [details.cause]
   */
  constructor(reason, message, details = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.name = "BridgeError";
    this.reason = reason;
    this.retryable = details.retryable ?? RETRYABLE.has(reason);
    this.retryAfter = details.retryAfter;
    this.correlationId = details.correlationId;
    this.data = Object.freeze({ ...details.data });
  }
}

/**
 * Reads the `error` member of a reply. Whatever the host sent, the result has a reason.
 *
 * @param {unknown} error
 * @returns {BridgeError}
 */
export function fromReply(error) {
  const { code, message, data } = members(error);
  const { reason, retryable, retryAfter, correlationId, ...rest } = members(data);
  return new BridgeError(
    typeof reason === "string" ? reason : (REASON_OF_CODE.get(code) ?? "internal"),
    typeof message === "string" ? message : "The host refused the call without saying why.",
    {
      retryable: typeof retryable === "boolean" ? retryable : undefined,
      retryAfter: Number.isFinite(retryAfter) && retryAfter >= 0 ? retryAfter : undefined,
      correlationId: typeof correlationId === "string" ? correlationId : undefined,
      data: rest,
    },
  );
}

/** @returns {Record<string, any>} */
function members(value) {
  return typeof value === "object" && value !== null ? value : {};
}
