import english from "./words.en.json" with { type: "json" };
import chinese from "./words.zh-Hans.json" with { type: "json" };

const WORDS = { en: english, "zh-Hans": chinese };
let words = english;

/** The languages that the host app speaks, as BCP 47 tags. */
export const LANGUAGES = Object.keys(WORDS);

/** The text of a key, with its places filled. A key that is unknown is shown as it is. */
export function text(key, places = {}) {
  const pattern = words[key] ?? key;
  return pattern.replace(/\{(\w+)\}/g, (place, name) => places[name] ?? place);
}

/** Whether there is a text of this key. */
export const hasText = (key) => key in words;

/** The language that is spoken now. */
export const language = () => document.documentElement.lang;

/** Speaks another language from now on and says the page's fixed texts in it. */
export function speak(tag) {
  words = WORDS[tag] ?? english;
  document.documentElement.lang = tag;
  for (const node of document.querySelectorAll("[data-text]")) {
    node.textContent = text(node.dataset.text);
  }
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", text(node.dataset.label));
  }
}

/** A day in the user's language. */
export function day(timestamp) {
  const format = new Intl.DateTimeFormat(language(), { dateStyle: "medium" });
  return format.format(new Date(timestamp));
}

/** A time of day in the user's language. */
export function timeOfDay(timestamp, timeStyle = "medium") {
  return new Intl.DateTimeFormat(language(), { timeStyle }).format(new Date(timestamp));
}

/** A day and a time of day in the user's language. */
export function moment(timestamp) {
  const options = { dateStyle: "medium", timeStyle: "medium" };
  return new Intl.DateTimeFormat(language(), options).format(new Date(timestamp));
}

/** A number of seconds in the user's language. */
export function seconds(count) {
  const options = { style: "unit", unit: "second", unitDisplay: "long" };
  return new Intl.NumberFormat(language(), options).format(count);
}
