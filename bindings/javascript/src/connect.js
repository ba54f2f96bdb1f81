import { openBridge } from "./bridge.js";
import { findTransport } from "./transports/find.js";

/**
 * @typedef {object} ConnectOptions
 * @property {string[]} [hostOrigins] the exact origins of the hosts that may show this page
 *   in a frame; required there, without meaning in other containers
 * @property {import("./transports/transport.js").Transport} [transport] the channel of a
 *   vendor's container; found out when left out
 * @property {number} [timeout] milliseconds for finding the host, and as many for agreeing on
 *   a version
 * @property {{ min: number, max: number }} [versions] the bridge versions to offer
 */

/**
 * Opens the bridge to the host that shows this page. Call it once per page load.
 *
 * @param {ConnectOptions} [options]
 * @returns {Promise<import("./bridge.js").Bridge>}
 * @throws {BridgeError} `not_in_container` where no host shows the page, `untrusted_origin` where
 *   a frame is not one of `hostOrigins`, `invalid_request` for wrong options,
 *   `unsupported_version`, `timeout`
 */
export async function connect({ timeout = 1e4, versions = { min: 1, max: 1 }, ...options } = {}) {
  return openBridge(await findTransport(globalThis, options, timeout), versions, timeout);
}
