import { BridgeError } from "../errors.js";
import { androidTransport } from "./android.js";
import { frameTransport } from "./frame.js";
import { iosTransport } from "./ios.js";

/**
 * Finds the container that this page runs in.
 *
 * @param {typeof globalThis} window
 * @param {{ hostOrigins?: string[], timeout: number }} options
 * @returns {Promise<import("./transport.js").Transport>}
 * @throws {BridgeError} `not_in_container` in an ordinary browser tab, and what the frame's
 *   handshake throws
 */
export async function findTransport(window, options) {
  const android = window.minihost;
  if (typeof android?.postMessage === "function") return androidTransport(android);
  const ios = window.webkit?.messageHandlers?.minihost;
  if (typeof ios?.postMessage === "function") return iosTransport(ios, window);
  if (window.parent && window.parent !== window) return frameTransport(window, options);
  throw new BridgeError("not_in_container", "No host shows this page.");
}
