import { element, icon, programIcon } from "./dom.js";
import { text } from "./text.js";

/** How long the sheet must have been on screen before it takes a yes: nobody reads faster. */
const READING_MS = 500;

/**
 * The consent sheet. It covers the program that asks, never the host's title bar above it, and
 * shows only what the host has verified; the program's own reasons stand in quotation marks.
 */
export class ConsentSheet {
  #answer;
  #shown = null;

  /** @param {(members: object) => void} answer takes the user's answer */
  constructor(answer) {
    this.#answer = answer;
    document.addEventListener("visibilitychange", () => this.#arm());
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** Whether a prompt is on screen. */
  get isShown() {
    return this.#shown !== null;
  }

  /** The program that the prompt on screen is about. */
  get window() {
    return this.#shown?.window ?? null;
  }

  /** Draws a prompt over the program that asks. */
  present(view, window) {
    this.#remove();
    const { miniProgram, account, scopes, remember } = view;
    const boxes = scopes.map(({ name }) => scopeBox(name));
    const hint = element("p", { className: "hint", role: "status", data: { testid: "consent-hint" } });
    // Only in ARIA's eyes disabled, since a button that the browser disables drops the focus.
    const allow = button("primary", "consent.allow", "consent-allow");
    const deny = button("secondary", "consent.deny", "consent-deny");
    const close = element(
      "button",
      { className: "icon-button", data: { testid: "consent-close" } },
      icon("close"),
    );
    close.setAttribute("aria-label", text("consent.dismiss"));
    const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
    const durations = remember.map(durationRadio);
    const duration = () => durations.find((radio) => radio.checked).value;
    const tellWhatFollows = () => {
      hint.textContent = text(chosen().length === 0 ? "consent.none" : `consent.${duration()}.follows`);
    };
    tellWhatFollows();

    const sheet = element(
      "div",
      {
        className: "sheet",
        role: "dialog",
        tabIndex: -1,
        lang: view.locale,
        aria: { modal: "true", labelledby: "consent-title", describedby: "consent-about" },
        data: { testid: "consent-sheet" },
      },
      element(
        "div",
        { className: "sheet-body" },
        element("header", {}, programIcon(miniProgram), heading(miniProgram, window), close),
        ...warnings(miniProgram),
        accountRow(account),
        element(
          "fieldset",
          {},
          element("legend", { textContent: text("consent.scopes") }),
          ...scopes.map((scope, index) => scopeRow(scope, boxes[index])),
        ),
        durationChoice(durations),
      ),
      element("div", { className: "sheet-actions" }, hint, deny, allow),
    );
    const backdrop = element("div", { className: "sheet-backdrop" });
    const cover = element("div", { className: "sheet-cover" }, backdrop, sheet);

    sheet.addEventListener("change", tellWhatFollows);
    allow.onclick = () => {
      if (allow.ariaDisabled !== "true") this.#close("allow", chosen(), duration());
    };
    deny.onclick = () => this.#close("deny");
    close.onclick = backdrop.onclick = () => this.dismiss();

    this.#shown = { view, window, cover, sheet, allow, timer: undefined };
    window.covered = true;
    window.view.append(cover);
    sheet.focus();
    this.#arm();
  }

  /** Closes the sheet without an answer. */
  dismiss() {
    this.#close("dismiss");
  }

  /** Takes a prompt off the screen: nobody waits for its answer. */
  withdraw(prompt) {
    if (this.#shown?.view.prompt === prompt) this.#remove();
  }

  /** Takes whatever prompt there is off the screen. */
  withdrawAny() {
    this.#remove();
  }

  #close(choice, scopes, remember) {
    if (this.#shown === null) return;
    const { prompt, digest } = this.#shown.view;
    this.#remove();
    this.#answer({ prompt, digest, choice, scopes, remember });
  }

  #remove() {
    if (this.#shown === null) return;
    const { window, cover, timer } = this.#shown;
    this.#shown = null;
    clearTimeout(timer);
    cover.remove();
    window.covered = false;
  }

  // A tap that was meant for the page, or for what was on screen before, must not say yes.
  #arm() {
    if (this.#shown === null) return;
    const { allow, timer } = this.#shown;
    clearTimeout(timer);
    allow.ariaDisabled = "true";
    if (document.visibilityState !== "visible") return;
    this.#shown.timer = setTimeout(() => (allow.ariaDisabled = "false"), READING_MS);
  }

  // Of the whole page, since the focus may have been put outside: the sheet is what waits for an
  // answer. The testers' controls beside the phone keep their keys.
  #key(event) {
    if (this.#shown === null || event.target.closest?.("#panel")) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.dismiss();
    } else if (event.key === "Tab") {
      keepFocus(event, this.#shown.sheet);
    }
  }
}

/** Keeps the keyboard within a sheet when Tab would leave it. */
export function keepFocus(event, sheet) {
  const stops = [...sheet.querySelectorAll("button:enabled, input:enabled:not([readonly])")];
  const [first, last] = [stops[0], stops.at(-1)];
  const focused = document.activeElement;
  const atEdge = event.shiftKey ? [first, sheet] : [last];
  if (sheet.contains(focused) && !atEdge.includes(focused)) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

function heading({ name, publisher }, window) {
  return element(
    "div",
    { id: "consent-about" },
    element(
      "h2",
      { id: "consent-title" },
      ...around(text("consent.title"), "{name}", () =>
        element("span", { textContent: name, data: { testid: "consent-name" } }),
      ),
    ),
    element(
      "p",
      { className: "muted" },
      ...around(text("consent.publisher"), "{publisher}", () =>
        element("span", { textContent: publisher, data: { testid: "consent-publisher" } }),
      ),
    ),
    element(
      "p",
      { className: "origin" },
      icon("lock"),
      element("span", { textContent: new URL(window.origin).host }),
    ),
  );
}

/** A text in which one place is an element. */
function around(pattern, place, make) {
  const [before, after] = pattern.split(place);
  return [before, make(), after];
}

/** What deserves a second look: nobody vouches for the program, or its names may be taken for others. */
function warnings({ unsigned, doubts = [] }) {
  const keys = [...(unsigned ? ["unsigned"] : []), ...doubts];
  return keys.map((key) =>
    element(
      "p",
      { className: "banner", data: { testid: `consent-warning-${key}` } },
      icon("warning"),
      text(`consent.${key}`),
    ),
  );
}

/** For how long the answer holds; the first is what the host proposes. */
function durationRadio(value, index) {
  const data = { testid: `consent-remember-${value}` };
  return element("input", { type: "radio", name: "remember", value, checked: index === 0, data });
}

function durationChoice(radios) {
  const labels = radios.map((radio) =>
    element("label", {}, radio, element("span", { textContent: text(`consent.${radio.value}`) })),
  );
  const made = element(
    "fieldset",
    { className: "duration" },
    element("legend", { textContent: text("consent.howLong") }),
    element("div", { className: "segmented" }, ...labels),
  );
  made.hidden = radios.length === 1;
  return made;
}

function accountRow(account) {
  const [initial = ""] = account;
  return element(
    "div",
    { className: "who" },
    element("span", { className: "avatar", textContent: initial.toUpperCase(), aria: { hidden: "true" } }),
    element(
      "div",
      {},
      element("strong", { textContent: account, data: { testid: "consent-account" } }),
      element("span", { className: "muted", textContent: text("consent.account") }),
    ),
  );
}

function scopeBox(name) {
  const data = { testid: `consent-scope-${name}` };
  return element("input", { type: "checkbox", value: name, checked: true, data });
}

function scopeRow({ title, reason }, box) {
  const words = element("span", {}, element("strong", { textContent: title }));
  if (reason) {
    const quoted = text("consent.reason", { reason });
    words.append(element("span", { className: "muted", textContent: quoted }));
  }
  return element("label", { className: "scope" }, box, words);
}

function button(className, key, testid) {
  return element("button", { className, textContent: text(key), data: { testid } });
}
