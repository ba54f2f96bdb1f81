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

  /// Delivers the argument `text` to a page of the argument `origin`, and to no other. It is a function's body, and
  /// the text no part of it.
  static let deliver = "if (location.origin === origin) window.__minihostDeliver(text);"
}
