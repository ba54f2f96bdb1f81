import { BridgeError } from "../errors.js";

/**
 * @typedef {object} VendorContainer
 * @property {(text: string) => void | Promise<string | undefined>} send gives the host one
 *   message; the reply may come by the promise or by `subscribe`
 * @property {(fn: (text: string) => void) => (() => void) | void} subscribe
 */

/**
 * A vendor's container, which brings its own channel.
 *
 * @param {VendorContainer} container
 * @returns {import("./transport.js").Transport}
 * @throws {BridgeError} `invalid_request` for something that is no channel
 */
export function vendorTransport(container) {
  if (typeof container.send !== "function" || typeof container.subscribe !== "function") {
    throw new BridgeError("invalid_request", "transport must have send(text) and subscribe(fn).");
  }
  return {
    send: (text) => container.send(text),
    subscribe(onMessage) {
      const unsubscribe = container.subscribe(onMessage);
      return typeof unsubscribe === "function" ? unsubscribe : undefined;
    },
  };
}
