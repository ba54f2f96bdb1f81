import { BridgeError } from "../errors.js";

/** An origin without anything beside it. */
const EXACT = /^https?:\/\/[a-z\d.:[\]-]+$/;

/**
 * A frame of a host page, as in the simulator. The page says hello to its parent and gets a
 * `MessagePort` back; from then on only the port is used. The hello goes to the host's exact
 * origin and a port is taken from there alone, so that a page framed by a stranger stays silent.
 *
 * @param {typeof globalThis} window
 * @param {string[] | undefined} hostOrigins
 * @param {number} timeout milliseconds
 * @returns {Promise<MessagePort>}
 * @throws {BridgeError} `invalid_request` for missing or inexact `hostOrigins`,
 *   `untrusted_origin` for a frame of another page, `timeout` where no host answers
 */
export function receivePort(window, hostOrigins, timeout) {
  return new Promise((resolve, reject) => {
    const { parent, location } = window;
    if (!(hostOrigins?.[0] && hostOrigins.every?.((origin) => EXACT.test(origin)))) {
      throw new BridgeError("invalid_request", { message: "hostOrigins" });
    }
    const end = (settle, value) => {
      clearTimeout(timer);
      window.removeEventListener("message", onMessage);
      settle(value);
    };
    const fail = (reason) => end(reject, new BridgeError(reason));
    const onMessage = ({ source, origin, data, ports }) => {
      if (source !== parent || !hostOrigins.includes(origin)) return;
      if (data?.minihost === "port" && ports.length === 1) end(resolve, ports[0]);
    };
    const timer = setTimeout(fail, timeout, "timeout");
    // Where the browser tells who the parent is, a stranger need not be waited for.
    const framer = location.ancestorOrigins?.[0] ?? "null";
    if (framer !== "null" && !hostOrigins.includes(framer)) return fail("untrusted_origin");
    window.addEventListener("message", onMessage);
    for (const origin of hostOrigins) parent.postMessage({ minihost: "hello" }, origin);
  });
}
