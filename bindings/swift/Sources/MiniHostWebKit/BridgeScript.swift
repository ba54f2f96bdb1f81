/// What runs in each document's main frame before anything of the page does.
enum BridgeScript {
  /// The way of events into the page. It keeps what it needs, so that a page that replaces a global later
  /// does not lose them; the page has it as anybody's, for it leads nowhere else.
  static let source = #"""
    (() => {
      const Message = MessageEvent;
      const dispatch = EventTarget.prototype.dispatchEvent.bind(window);
      Object.defineProperty(window, "__minihostDeliver", {
        value: (data) => void dispatch(new Message("minihost", { data })),
      });
    })();
    """#

  /// Tells of keys and clicks in a world of the host's own, where nothing that a page does can reach. A page can make
  /// no trusted key; it can have trusted clicks made, which is why they are told apart.
  static let gestures = #"""
    (() => {
      const tell = (what) => void window.webkit.messageHandlers.minihostGesture.postMessage(what);
      window.addEventListener("keydown", (event) => {
        if (event.isTrusted && event.key !== "Escape") tell("key");
      }, true);
      window.addEventListener("click", (event) => {
        if (event.isTrusted && navigator.userActivation?.isActive) tell("click");
      }, true);
    })();
    """#

  /// Delivers the argument `text` to a page of the argument `origin`, and to no other. It is a function's body, and
  /// the text no part of it.
  static let deliver = "if (location.origin === origin) window.__minihostDeliver(text);"
}
