import { BridgeError } from "../errors.js";

/**
 * A frame of a host page, as in the simulator. The page says hello to its parent and gets a
 * `MessagePort` back; from then on only the port is used. The hello goes to the host's exact
 * origin and a port is taken from there alone, so that a page framed by a stranger stays silent.
 *
 * @param {typeof globalThis} window
 * @param {{ hostOrigins?: string[], timeout: number }} options
 * @returns {Promise<import("./transport.js").Transport>}
 * @throws {BridgeError} `invalid_request` for missing or inexact `hostOrigins`,
 *   `untrusted_origin` for a frame of another page, `timeout` where no host answers
 */
export async function frameTransport(window, { hostOrigins, timeout }) {
  const trusted = trustedParents(window, hostOrigins);
  return portTransport(await receivePort(window, trusted, timeout));
}

/** Those of the host's origins that the parent can have. */
function trustedParents(window, hostOrigins) {
  if (!Array.isArray(hostOrigins) || hostOrigins.length === 0) {
    const message = "In a frame, connect needs hostOrigins: the exact origins of its hosts.";
    throw new BridgeError("invalid_request", message);
  }
  const inexact = hostOrigins.find((origin) => !isExactOrigin(origin));
  if (inexact !== undefined) {
    throw new BridgeError("invalid_request", `Not an exact origin in hostOrigins: ${inexact}`);
  }
  // Where the browser tells who the parent is, there is no need to ask the others.
  const parent = window.location.ancestorOrigins?.[0];
  if (parent === undefined || parent === "null") return hostOrigins;
  if (hostOrigins.includes(parent)) return [parent];
  throw new BridgeError("untrusted_origin", `${parent} shows this page and is no host of it.`);
}

function isExactOrigin(text) {
  try {
    return text !== "null" && !text.includes("*") && new URL(text).origin === text;
  } catch {
    return false;
  }
}

function receivePort(window, trusted, timeout) {
  return new Promise((resolve, reject) => {
    const onMessage = ({ source, origin, data, ports }) => {
      if (source !== window.parent || !trusted.includes(origin)) return;
      if (data?.minihost !== "port" || ports.length !== 1) return;
      stop();
      resolve(ports[0]);
    };
    const stop = () => {
      clearTimeout(timer);
      window.removeEventListener("message", onMessage);
    };
    const timer = setTimeout(() => {
      stop();
      reject(new BridgeError("timeout", `No host answered within ${timeout} ms.`));
    }, timeout);

    window.addEventListener("message", onMessage);
    for (const origin of trusted) window.parent.postMessage({ minihost: "hello" }, origin);
  });
}

/** @returns {import("./transport.js").Transport} */
function portTransport(port) {
  return {
    send: (text) => port.postMessage(text),
    subscribe(onMessage, onGone) {
      port.onmessage = (event) => onMessage(event.data);
      port.addEventListener("close", onGone);
      return () => {
        port.onmessage = null;
        port.removeEventListener("close", onGone);
      };
    },
    close: () => port.close(),
  };
}
