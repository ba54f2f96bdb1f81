import { listen } from "../listen.js";

/**
 * A channel of messages: the object that Android's `WebViewCompat.addWebMessageListener` puts into
 * the page, or the `MessagePort` that a host page gives to a frame. Replies and events alike come
 * as its messages.
 *
 * @param {{ postMessage: (text: string) => void, onmessage: ((event: MessageEvent) => void) | null,
 *   addEventListener?: Function, removeEventListener?: Function, close?: () => void }} port
 * @returns {import("./transport.js").Transport}
 */
export function portTransport(port) {
  return {
    send: (text) => void port.postMessage(text),
    subscribe(onMessage, onGone) {
      // Only ports tell that their other end has gone.
      const stop = listen(port, "close", onGone);
      port.onmessage = ({ data }) => onMessage(data);
      return () => {
        stop();
        port.onmessage = null;
      };
    },
    close: () => port.close?.(),
  };
}
