/**
 * The one error class of the bridge. Decide on `reason`; `message` is English, for developers,
 * and must not be shown to users.
 */
export class BridgeError extends Error {
  name = "BridgeError";

  /**
   * Reads what a host said, or what the page side found out by itself. Whatever it is given, the
   * result has a reason.
   *
   * @param {{ reason?: import("./protocol.js").Reason, message?: string, cause?: unknown,
   *   retryable?: boolean, retryAfter?: number, correlationId?: string, [detail: string]: unknown }} details
   */
  constructor({
    reason = "internal",
    message = reason,
    cause,
    // Of what the page side finds out by itself, waiting longer may help with a timeout alone.
    retryable = reason === "timeout",
    retryAfter,
    correlationId,
    ...data
  }) {
    super(message, { cause });
    /** A stable reason, such as `user_denied`. */
    this.reason = reason;
    /** Whether the same call may succeed later. */
    this.retryable = retryable;
    /** Seconds to wait before trying again. */
    this.retryAfter = retryAfter;
    /** Finds this failure in the host's log. */
    this.correlationId = correlationId;
    /** What else the host said, such as `scopes` of `scope_not_declared`. */
    this.data = data;
  }
}
