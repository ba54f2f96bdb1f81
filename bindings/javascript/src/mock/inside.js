import { BridgeError } from "../errors.js";

/**
 * Refuses where a real host shows the page: a user there must never be asked by a mock.
 *
 * @param {any} window
 * @throws {BridgeError} `invalid_request`
 */
export function refuseInsideHost({ minihost, webkit, parent, self }) {
  const isFramed = parent !== undefined && parent !== self;
  if (minihost || webkit?.messageHandlers?.minihost || isFramed) {
    throw new BridgeError({ reason: "invalid_request", message: "the mock does not run inside a host" });
  }
}
