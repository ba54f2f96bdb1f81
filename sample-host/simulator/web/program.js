import { Container } from "./container.js";
import { element, icon } from "./dom.js";
import { text } from "./text.js";

/** What a program may do in its frame. `allow-same-origin` leaves it its own origin, not the host's. */
const SANDBOX = "allow-scripts allow-same-origin allow-forms";

/** The opened programs: one window each, at most one of them on screen. */
export class Programs {
  #place;
  #report;
  #onFront;
  #windows = new Map();
  #front = null;

  /**
   * @param {object} options
   * @param {HTMLElement} options.place where windows are shown
   * @param {(type: string, members: object) => void} options.report takes what is told to the host
   * @param {(window: ProgramWindow | null, before: ProgramWindow | null) => void} options.onFront
   *   called when another comes to the front
   */
  constructor({ place, report, onFront }) {
    this.#place = place;
    this.#report = report;
    this.#onFront = onFront;
  }

  get front() {
    return this.#front;
  }

  /** Whether a program is open. */
  has(program) {
    return this.#ofProgram(program) !== undefined;
  }

  /** Shows a session that the host has opened. */
  open(opened) {
    const window = new ProgramWindow(opened, this.#report, {
      home: () => this.show(null),
      close: () => this.close(window),
    });
    this.#windows.set(opened.session, window);
    this.#place.append(window.element);
    this.show(window);
  }

  /** Brings a program that is open to the front. */
  bringToFront(program) {
    this.show(this.#ofProgram(program));
  }

  /** Puts one window on screen, or none. */
  show(front) {
    if (this.#front === front) return;
    const before = this.#front;
    before?.hide();
    this.#front = front;
    front?.show();
    this.#onFront(front, before);
  }

  close(window) {
    if (!this.#windows.delete(window.session)) return;
    window.close();
    if (this.#front === window) this.show(null);
    else this.#onFront(this.#front, this.#front);
  }

  /** Closes all, or all but one. */
  closeAll(kept = null) {
    for (const window of this.#windows.values()) if (window !== kept) this.close(window);
  }

  deliver({ session, document, text: message }) {
    this.#windows.get(session)?.deliver(document, message);
  }

  /** Says everything in the language that is spoken now, with the programs' names in it. */
  translate(tiles) {
    for (const window of this.#windows.values()) {
      const tile = tiles.find(({ id }) => id === window.program);
      window.translate(tile?.name);
    }
  }

  #ofProgram(program) {
    return [...this.#windows.values()].find((window) => window.program === program);
  }
}

/** One opened program: its title bar, which the host vouches for, and its frame. */
class ProgramWindow {
  isOpen = true;
  #opened;
  #container;
  #frame;
  #home;
  #close;
  #title;
  #banner;

  constructor(opened, report, { home, close }) {
    this.#opened = opened;
    const { session, name, startUrl, origin, unsigned } = opened;
    this.#title = element("strong", { data: { testid: "program-title" } });

    this.#home = element("button", { className: "icon-button", onclick: home }, icon("back"));
    this.#close = element("button", { className: "icon-button", onclick: close }, icon("close"));
    const title = element(
      "div",
      { className: "window-title" },
      this.#title,
      element(
        "span",
        { className: "origin", title: origin },
        icon("lock"),
        element("span", { textContent: new URL(origin).host, data: { testid: "program-origin" } }),
      ),
    );
    this.#banner = element("span");
    const banner = element("p", { className: "banner" }, icon("warning"), this.#banner);
    banner.hidden = !unsigned;
    banner.dataset.testid = "banner-unsigned";

    this.#frame = element("iframe", { src: startUrl });
    this.#frame.setAttribute("sandbox", SANDBOX);
    this.view = element("div", { className: "window-view" }, this.#frame);
    this.element = element(
      "section",
      { className: "window", tabIndex: -1 },
      element("header", { className: "window-bar" }, this.#home, title, this.#close),
      banner,
      this.view,
    );
    this.#container = new Container({ window, frame: this.#frame, session, origin, report });
    this.translate(name);
  }

  get program() {
    return this.#opened.program;
  }

  /** What it is called, in the user's language. */
  get name() {
    return this.#title.textContent;
  }

  get session() {
    return this.#opened.session;
  }

  get origin() {
    return this.#opened.origin;
  }

  /** Comes to the screen. The hooks for tests are those of the window on screen. */
  show() {
    this.element.hidden = false;
    this.#frame.dataset.testid = "mini-program-frame";
    this.#home.dataset.testid = "leave-program";
    this.#close.dataset.testid = "close-program";
    this.#container.onScreen = true;
    this.element.focus();
  }

  /** Leaves the screen; the program goes on in the background. */
  hide() {
    this.element.hidden = true;
    delete this.#frame.dataset.testid;
    delete this.#home.dataset.testid;
    delete this.#close.dataset.testid;
    this.#container.onScreen = false;
  }

  /** Takes the program's frame out of reach, for as long as the host asks something. */
  set covered(covered) {
    this.#frame.inert = covered;
    if (!covered && !this.element.hidden) this.#frame.focus();
  }

  close() {
    this.isOpen = false;
    this.#container.close();
    this.element.remove();
  }

  deliver(document, message) {
    this.#container.deliver(document, message);
  }

  translate(name = this.#title.textContent) {
    this.#title.textContent = name;
    this.element.setAttribute("aria-label", name);
    this.#home.setAttribute("aria-label", text("program.home"));
    this.#close.setAttribute("aria-label", text("program.close", { name }));
    this.#frame.title = text("program.frame", { name });
    this.#banner.textContent = text("program.unsigned");
  }
}
