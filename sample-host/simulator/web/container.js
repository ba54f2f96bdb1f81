/** The longest message that the host reads, in bytes of UTF-8. */
const MESSAGE_BYTES = 65_536;
const LONG_AGO = 0xffff_ffff;

let lastDocument = 0;

/**
 * The container of one opened mini-program: what a WebView's adapter is on a phone. It tells what
 * the browser knows of each page load in the program's frame and carries messages to and fro.
 *
 * A document proves that it is the frame's own page, at the program's origin, once: with its hello,
 * which names its window and origin on the browser's word. From then on only the port that it was
 * given for it counts, so a frame within it, a popup or the next page cannot speak in its name.
 */
export class Container {
  #window;
  #frame;
  #session;
  #origin;
  #report;
  #onScreen = true;
  #document = null;
  #port = null;
  #greetedSinceLoad = false;
  #lastReplyToken = 0;
  #listening = new AbortController();

  /**
   * @param {object} options
   * @param {Window} options.window the host page's window
   * @param {HTMLIFrameElement} options.frame shows the program and nothing else
   * @param {number} options.session
   * @param {string} options.origin the program's origin, ASCII serialised
   * @param {(type: string, members: object) => void} options.report takes what is told to the host
   */
  constructor({ window, frame, session, origin, report }) {
    this.#window = window;
    this.#frame = frame;
    this.#session = session;
    this.#origin = origin;
    this.#report = (type, members) => report(type, { session, ...members });
    const { signal } = this.#listening;
    window.addEventListener("message", (event) => this.#hear(event), { signal });
    frame.addEventListener("load", () => this.#loaded(), { signal });
    const tellVisibility = () => this.#tellVisibility();
    window.document.addEventListener("visibilitychange", tellVisibility, { signal });
  }

  get session() {
    return this.#session;
  }

  /** Says whether the program is on the phone's screen. */
  set onScreen(onScreen) {
    if (this.#onScreen === onScreen) return;
    this.#onScreen = onScreen;
    this.#tellVisibility();
  }

  /** Hands a message to one document; drops it where that document is gone. */
  deliver(document, text) {
    if (document === this.#document) this.#port?.postMessage(text);
  }

  /** Ends the session. */
  close() {
    this.#listening.abort();
    this.#dropPort();
    this.#report("close", {});
  }

  #hear({ source, origin, data }) {
    if (source === null || source !== this.#frame.contentWindow) return;
    if (data?.minihost !== "hello") return;
    // A stranger's page says it in the frame: the program's own is no longer there.
    if (origin !== this.#origin) return this.#documentGone(this.#document);
    this.#greetedSinceLoad = true;
    this.#dropPort();
    const document = this.#startDocument();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = (event) => this.#forward(document, event.data);
    port1.addEventListener("close", () => this.#documentGone(document));
    source.postMessage({ minihost: "port" }, this.#origin, [port2]);
  }

  #startDocument() {
    this.#document = ++lastDocument;
    this.#report("documentStarted", { document: this.#document });
    return this.#document;
  }

  #forward(document, text) {
    if (document !== this.#document || typeof text !== "string") return;
    this.#report("message", {
      document,
      replyToken: ++this.#lastReplyToken,
      origin: this.#origin,
      visible: this.#isVisible(),
      gestureAgeMs: this.#gestureAge(),
      text: transportable(text),
    });
  }

  // The page has loaded. Where it has not said hello, the port is of the page before it. (A page
  // that says hello only after it has loaded hides one such change here; its port's end tells it.)
  #loaded() {
    if (!this.#greetedSinceLoad) this.#documentGone(this.#document);
    this.#greetedSinceLoad = false;
  }

  // The host only knows documents that start: one that nobody is in ends the one before it.
  #documentGone(document) {
    if (this.#port === null || document !== this.#document) return;
    this.#dropPort();
    this.#startDocument();
  }

  #dropPort() {
    if (this.#port === null) return;
    this.#port.onmessage = null;
    this.#port.close();
    this.#port = null;
    this.#document = null;
  }

  #isVisible() {
    return this.#onScreen && this.#window.document.visibilityState === "visible";
  }

  #tellVisibility() {
    this.#report("visibility", { visible: this.#isVisible() });
  }

  // A touch of a frame counts as one of the pages around it (HTML, "activation notification").
  #gestureAge() {
    const activation = this.#window.navigator.userActivation;
    if (activation === undefined) return null;
    return activation.isActive ? 0 : LONG_AGO;
  }
}

/**
 * What cannot reach the host unchanged reaches it as something that it refuses just so: a message
 * over the limit is cut, but not below the limit; one that is not Unicode becomes an empty one.
 */
function transportable(text) {
  if (text.length > MESSAGE_BYTES) return "x".repeat(MESSAGE_BYTES + 1);
  return text.isWellFormed() ? text : "";
}
