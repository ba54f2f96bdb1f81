import { BridgeError } from "../errors.js";
import { listen } from "../listen.js";

/**
 * A frame of a host page, as in the simulator. The page says hello to its parent and gets a
 * `MessagePort` back; from then on only the port is used. The hello goes to the host's exact
 * origin and a port is taken from there alone, so that a page framed by a stranger stays silent.
 *
 * @param {typeof globalThis} window
 * @param {any} hostOrigins a list of origins, if it is what it should be
 * @param {number} timeout milliseconds
 * @returns {Promise<MessagePort>}
 * @throws {BridgeError} `invalid_request` for missing or inexact `hostOrigins`,
 *   `untrusted_origin` for a frame of another page, `timeout` where no host answers
 */
export async function receivePort(window, hostOrigins, timeout) {
  const { parent } = window;
  // An origin that the browser would write in another way matches nobody, or makes `postMessage` throw.
  let areExact;
  try {
    areExact =
      hostOrigins.length &&
      hostOrigins.every((origin) => /^http[^*]+$/.test(origin) && new URL(origin).origin === origin);
  } catch {}
  if (!areExact) throw new BridgeError({ reason: "invalid_request", message: "hostOrigins" });
  // Where the browser tells who the parent is, a stranger need not be waited for.
  const framer = (window.location.ancestorOrigins ?? hostOrigins)[0];
  if (!["null", ...hostOrigins].includes(framer)) throw new BridgeError({ reason: "untrusted_origin" });
  let timer, stop;
  return new Promise((resolve, reject) => {
    timer = setTimeout(reject, Math.min(timeout, 2 ** 31 - 1), new BridgeError({ reason: "timeout" }));
    stop = listen(window, "message", ({ source, origin, data, ports }) => {
      const isTrusted = source === parent && hostOrigins.includes(origin);
      if (isTrusted && ports.length === 1 && data?.minihost === "port") resolve(ports[0]);
    });
    for (const origin of hostOrigins) parent.postMessage({ minihost: "hello" }, origin);
  }).finally(() => {
    clearTimeout(timer);
    stop();
  });
}
