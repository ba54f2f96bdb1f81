import { Bridge } from "./bridge.js";
import { BridgeError } from "./errors.js";
import { findTransport } from "./transports/find.js";
import { vendorTransport } from "./transports/vendor.js";

/** Milliseconds for finding the host and agreeing on a version. */
const CONNECT_TIMEOUT = 10_000;

/** The bridge versions of this package. */
const VERSIONS = Object.freeze({ min: 1, max: 1 });

/**
 * Opens the bridge to the host that shows this page. Call it once per page load.
 *
 * @param {object} [options]
 * @param {string[]} [options.hostOrigins] the exact origins of the hosts that may show this page
 *   in a frame; required there, without meaning in other containers
 * @param {import("./transports/vendor.js").VendorContainer} [options.transport] the channel of a
 *   vendor's container; found out when left out
 * @param {number} [options.timeout] milliseconds
 * @param {{ min: number, max: number }} [options.versions] the bridge versions to offer
 * @returns {Promise<Bridge>}
 * @throws {BridgeError} `not_in_container` where no host shows the page, `untrusted_origin` where
 *   a frame is not one of `hostOrigins`, `invalid_request` for wrong options,
 *   `unsupported_version`, `timeout`
 */
export async function connect({
  hostOrigins,
  transport,
  timeout = CONNECT_TIMEOUT,
  versions = VERSIONS,
} = {}) {
  const deadline = Date.now() + timeout;
  const channel = transport
    ? vendorTransport(transport)
    : await findTransport(globalThis, { hostOrigins, timeout });
  const bridge = new Bridge(channel);
  try {
    await bridge.initialize(versions, { timeout: Math.max(1, deadline - Date.now()) });
    return bridge;
  } catch (error) {
    bridge.close();
    throw error;
  }
}
