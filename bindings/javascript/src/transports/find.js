import { BridgeError } from "../errors.js";
import { receivePort } from "./frame.js";
import { iosTransport } from "./ios.js";
import { portTransport } from "./port.js";

/**
 * Finds the container that this page runs in.
 *
 * @param {any} window
 * @param {object} options
 * @param {import("./transport.js").Transport} [options.transport] a vendor's
 * @param {string[]} [options.hostOrigins]
 * @param {number} timeout milliseconds
 * @returns {Promise<import("./transport.js").Transport>}
 * @throws {BridgeError} `not_in_container` in an ordinary browser tab, and what the frame's
 *   handshake throws
 */
export async function findTransport(window, { transport, hostOrigins }, timeout) {
  if (transport) return transport;
  const { minihost, webkit, parent } = window;
  if (minihost?.postMessage) return portTransport(minihost);
  const handler = webkit?.messageHandlers?.minihost;
  if (handler) return iosTransport(handler, window);
  if (!parent || parent === window) throw new BridgeError({ reason: "not_in_container" });
  return portTransport(await receivePort(window, hostOrigins, timeout));
}
