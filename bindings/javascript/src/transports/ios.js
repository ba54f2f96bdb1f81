import { listen } from "../listen.js";

/**
 * iOS: a `WKScriptMessageHandlerWithReply`. Each message's promise brings its reply; events come
 * to the window as `MessageEvent("minihost")`.
 *
 * @param {{ postMessage: (text: string) => Promise<string | null> }} handler
 * @param {EventTarget} window
 * @returns {import("./transport.js").Transport}
 */
export function iosTransport(handler, window) {
  return {
    send: (text) => handler.postMessage(text),
    subscribe: (onMessage) => listen(window, "minihost", ({ data }) => onMessage(data)),
  };
}
