/** The element with a test hook; the hooks are part of the pages' contract with their tests. */
export const hook = (name) => document.querySelector(`[data-testid="${name}"]`);

/** An element of the page's own wiring. */
export const part = (name) => document.querySelector(`[data-part="${name}"]`);

/** Makes an element; texts are always texts, never markup. */
export function element(tag, { text, className, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Shows or hides an element, for everyone. */
export function show(target, isShown) {
  target.hidden = !isShown;
}

/** Blocks a button without taking the focus from it; its listeners ask `isBlocked`. */
export function block(button, isBlockedNow) {
  button.setAttribute("aria-disabled", String(isBlockedNow));
}

export const isBlocked = (button) => button.getAttribute("aria-disabled") === "true";

/** With one of these another load ends as this one did. */
const FINAL = new Set(["untrusted_origin", "unsupported_version"]);

/** Offers to load the page again where that may find a host. */
export function offerReload({ reason }) {
  show(part("reload"), !FINAL.has(reason));
}

/** Shows why something did not work. `words` replaces the reason's own words. */
export function showError(texts, error, words) {
  if (error.reason === undefined) console.error(error);
  const reason = error.reason ?? "internal";
  const [title, text] = texts.explain(words ?? reason);
  part("error-title").textContent = title;
  part("error-text").textContent = text;
  hook("error").dataset.reason = reason;
  show(hook("error"), true);
}

/** Writes the texts of every element that names one. */
export function translatePage(texts) {
  document.documentElement.lang = texts.locale;
  document.title = texts.say("programName");
  for (const target of document.querySelectorAll("[data-i18n]")) {
    target.textContent = texts.say(target.dataset.i18n);
  }
  for (const target of document.querySelectorAll("[data-i18n-label]")) {
    target.setAttribute("aria-label", texts.say(target.dataset.i18nLabel));
  }
}
