import { BridgeError } from "../errors.js";
import { listen } from "../listen.js";

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
export async function receivePort(window, hostOrigins, timeout) {
  const { parent, location } = window;
  const isExact = (origin) => /^https?:\/\/[^/?#@*A-Z]+$/.test(origin);
  if (!(hostOrigins?.[0] && hostOrigins.every?.(isExact))) {
    throw new BridgeError({ reason: "invalid_request", message: "hostOrigins" });
  }
  // Where the browser tells who the parent is, a stranger need not be waited for.
  const framer = (location.ancestorOrigins ?? hostOrigins)[0];
  if (framer !== "null" && !hostOrigins.includes(framer)) throw new BridgeError({ reason: "untrusted_origin" });
  return new Promise((resolve, reject) => {
    /** @param {MessagePort} [port] none where the time is over */
    const settle = (port) => {
      clearTimeout(timer);
      stop();
      port ? resolve(port) : reject(new BridgeError({ reason: "timeout" }));
    };
    const timer = setTimeout(settle, timeout);
    const stop = listen(window, "message", ({ source, origin, data, ports }) => {
      if (source !== parent || !hostOrigins.includes(origin)) return;
      if (data?.minihost === "port" && ports.length === 1) settle(ports[0]);
    });
    for (const origin of hostOrigins) parent.postMessage({ minihost: "hello" }, origin);
  });
}
