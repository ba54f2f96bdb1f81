const CODES = {
  unsupported_method: -32601,
  invalid_request: -32602,
  invalid_scope: -32602,
  scope_not_declared: -32602,
  internal: -32603,
  aborted: -32800,
};

const RETRYABLE = ["throttled", "cooldown", "busy", "timeout", "network", "server_error", "temporarily_unavailable"];

let count = 0;

/** A request that the mock host does not grant, as a real one would say it. */
export class Refusal extends Error {
  /**
   * @param {import("../protocol.js").Reason} reason
   * @param {{ message?: string, [detail: string]: unknown }} [details] such as `scopes` or `versions`
   */
  constructor(reason, { message = reason, ...details } = {}) {
    super(message);
    this.reason = reason;
    this.details = details;
  }

  /** Whatever was thrown. */
  static from(error) {
    if (error instanceof Refusal) return error;
    return new Refusal("internal", { message: `the mock failed: ${error?.message ?? error}` });
  }

  /** The `error` member of a reply. */
  toReply() {
    const { reason, message, details } = this;
    const retryable = RETRYABLE.includes(reason);
    const data = { reason, retryable, correlationId: `mock-${++count}`, ...details };
    return { code: CODES[reason] ?? -32000, message, data };
  }
}
