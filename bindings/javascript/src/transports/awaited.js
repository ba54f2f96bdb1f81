import { listen } from "../listen.js";

/**
 * An Android WebView without message listeners: stands for the object `minihost` until the container has
 * given this document its port by `postWebMessage`. What is sent until then waits.
 *
 * @param {any} window
 */
export function awaitPort(window) {
  if (window.minihost) return;
  /** @type {MessagePort | undefined} */
  let port;
  /** @type {string[]} */
  const waiting = [];
  const minihost = {
    /** @type {((event: { data: unknown }) => void) | null} */
    onmessage: null,
    /** @param {string} text */
    postMessage: (text) => void (port ? port.postMessage(text) : waiting.push(text)),
  };
  const stop = listen(window, "message", (event) => {
    // No page can send this: what comes from a window or a frame has an origin.
    const { source, origin, data, ports } = event;
    if (source !== null || origin !== "" || data !== "minihost-port" || ports.length !== 1) return;
    event.stopImmediatePropagation();
    stop();
    const [given] = ports;
    port = given;
    given.onmessage = ({ data }) => minihost.onmessage?.({ data });
    for (const text of waiting.splice(0)) given.postMessage(text);
  });
  Object.defineProperty(window, "minihost", { value: minihost });
}
