/**
 * Android: the object that `WebViewCompat.addWebMessageListener` puts into the page. Replies and
 * events alike come as its messages.
 *
 * @param {{ postMessage: (text: string) => void, onmessage: ((event: MessageEvent) => void) | null }} listener
 * @returns {import("./transport.js").Transport}
 */
export function androidTransport(listener) {
  return {
    send: (text) => listener.postMessage(text),
    subscribe(onMessage) {
      listener.onmessage = (event) => onMessage(event.data);
      return () => {
        listener.onmessage = null;
      };
    },
  };
}
