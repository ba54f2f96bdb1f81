/**
 * The one error class of the bridge. Decide on `reason`; `message` is English, for developers,
 * and must not be shown to users.
 */
export class BridgeError extends Error {
  /**
   * A stable reason, such as `user_denied`.
   *
   * @type {import("./protocol.js").Reason}
   */
  reason;
  /**
   * Whether the same call may succeed later.
   *
   * @type {boolean}
   */
  retryable;
  /**
   * Seconds to wait before trying again.
   *
   * @type {number | undefined}
   */
  retryAfter;
  /**
   * Finds this failure in the host's log.
   *
   * @type {string | undefined}
   */
  correlationId;
  /**
   * What else the host said, such as `scopes` of `scope_not_declared`.
   *
   * @type {Record<string, unknown>}
   */
  data;

  /**
   * @param {import("./protocol.js").Reason} reason
   * @param {{ message?: string, retryable?: boolean, retryAfter?: number, correlationId?: string,
   *   cause?: unknown, [detail: string]: unknown }} [details]
   */
  constructor(
    reason,
    // Of what the page side finds out by itself, waiting longer may help with a timeout alone.
    { message = reason, cause, retryable = reason === "timeout", retryAfter, correlationId, ...data } = {},
  ) {
    super(message, { cause });
    Object.assign(this, { name: "BridgeError", reason, retryable, retryAfter, correlationId, data });
  }
}

/**
 * Reads the `error` member of a reply. Whatever the host sent, the result has a reason.
 *
 * @param {any} [error]
 * @returns {BridgeError}
 */
export function fromReply(error) {
  const { reason = "internal", ...details } = error?.data ?? {};
  return new BridgeError(reason, { message: error?.message, ...details });
}
