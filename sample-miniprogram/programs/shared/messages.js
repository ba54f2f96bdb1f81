import { SHARED } from "./texts.js";

/** Reasons whose words another key holds. */
const SAME_WORDS = {
  consent_required: "interaction_required",
  account_selection_required: "login_required",
  state_mismatch: "discarded",
  issuer_mismatch: "discarded",
  user_mismatch: "discarded",
  code_rejected: "discarded",
  no_session: "discarded",
};

/** The texts of one program in one language. */
export class Texts {
  #texts;
  #place;

  /**
   * @param {Record<string, Record<string, string>>} own the program's texts by locale
   * @param {object} where
   * @param {string} where.language BCP 47; anything but Chinese is answered in English
   * @param {string} [where.host] the host's name
   * @param {"host" | "browser"} [where.place] where the page is; a key may have words of its own for it
   */
  constructor(own, { language, host, place = "host" }) {
    this.#place = place;
    this.locale = /^zh\b/i.test(language) ? "zh-Hans" : "en";
    this.#texts = { ...SHARED[this.locale], ...own[this.locale] };
    this.fillings = { host: host ?? this.#texts.hostApp, program: this.#texts.programName };
  }

  say(key, fillings) {
    return this.#fill(this.#find(key) ?? key, fillings);
  }

  /** Title and sentence for a reason. */
  explain(reason) {
    const key = `error.${SAME_WORDS[reason] ?? reason}`;
    return (this.#find(key) ?? this.#texts["error.other"]).map((text) => this.#fill(text));
  }

  money(yuan) {
    const options = { style: "currency", currency: "CNY", maximumFractionDigits: 0, currencyDisplay: "narrowSymbol" };
    return new Intl.NumberFormat(this.locale, options).format(yuan);
  }

  time(date) {
    return new Intl.DateTimeFormat(this.locale, { timeStyle: "short" }).format(date);
  }

  seconds(seconds) {
    const unit = seconds < 60 ? ["second", seconds] : ["minute", Math.ceil(seconds / 60)];
    const options = { style: "unit", unit: unit[0], unitDisplay: "long" };
    return new Intl.NumberFormat(this.locale, options).format(unit[1]);
  }

  date(date) {
    return new Intl.DateTimeFormat(this.locale, { dateStyle: "medium" }).format(date);
  }

  #find(key) {
    return this.#texts[`${key}.${this.#place}`] ?? this.#texts[key];
  }

  #fill(text, fillings) {
    const known = { ...this.fillings, ...fillings };
    return text.replace(/\{(\w+)\}/g, (whole, name) => known[name] ?? whole);
  }
}
