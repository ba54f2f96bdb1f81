/**
 * The one error class of the bridge. Decide on `reason`; `message` is English, for developers,
 * and must not be shown to users.
 */
export class BridgeError extends Error {
  /**
   * @param {import("./protocol.js").Reason} reason a stable reason, such as `user_denied`
   * @param {object} [details] what else is known; each becomes a member of the error, such as
   *   `scopes` of `scope_not_declared` and `versions` of `unsupported_version`
   * @param {string} [details.message] what happened
   * @param {boolean} [details.retryable] whether the same call may succeed later
   * @param {number} [details.retryAfter] seconds to wait before trying again
   * @param {string} [details.correlationId] finds this failure in the host's log
   * @param {unknown} [details.cause]
   */
  constructor(reason, { message = reason, cause, ...details } = {}) {
    super(message, { cause });
    // Of what the page side finds out by itself, waiting longer may help with a timeout alone.
    Object.assign(this, { retryable: reason === "timeout", ...details, name: "BridgeError", reason });
  }
}

/**
 * Reads the `error` member of a reply. Whatever the host sent, the result has a reason.
 *
 * @param {any} [error]
 * @returns {BridgeError}
 */
export const fromReply = (error) =>
  new BridgeError(error?.data?.reason ?? "internal", { message: error?.message, ...error?.data });
