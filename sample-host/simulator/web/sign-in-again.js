import { byId, element, icon } from "./dom.js";
import { keepFocus } from "./sheet.js";
import { seconds, text } from "./text.js";

/**
 * The host's own sign-in over a program that asks for it. The program learns that the user signed in
 * and nothing of how.
 */
export class SignInSheet {
  #send;
  #shown = null;

  /** @param {(type: string, members: object) => void} send */
  constructor(send) {
    this.#send = send;
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** The program that the sign-in is for, while one is on screen. */
  get window() {
    return this.#shown?.window ?? null;
  }

  /** Asks the user to sign in, over the program that wants it. */
  present({ ticket, user, wanted }, window, name) {
    this.#remove();
    const isFixed = wanted === "again" && user !== null;
    const username = element("input", {
      value: user ?? "",
      readOnly: isFixed,
      autocomplete: "username",
      autocapitalize: "none",
      spellcheck: false,
      data: { testid: "sign-in-again-username" },
    });
    const password = element("input", {
      type: "password",
      autocomplete: "current-password",
      data: { testid: "sign-in-again-password" },
    });
    const problem = element("p", { className: "form-error", role: "alert", hidden: true });
    problem.dataset.testid = "sign-in-again-error";
    const submit = element("button", {
      className: "primary",
      textContent: text("signIn.submit"),
      data: { testid: "sign-in-again-submit" },
    });
    const close = element(
      "button",
      { className: "icon-button", type: "button", data: { testid: "sign-in-again-close" } },
      icon("close"),
    );
    close.setAttribute("aria-label", text("signInAgain.close"));
    const form = element(
      "form",
      { className: "sheet-form", noValidate: true },
      field("signIn.username", username),
      field("signIn.password", password),
      problem,
      submit,
    );
    const key = wanted === "again" ? "again" : "choose";
    const sheet = element(
      "div",
      {
        className: "sheet",
        role: "dialog",
        tabIndex: -1,
        aria: { modal: "true", labelledby: "sign-in-again-title", describedby: "sign-in-again-about" },
        data: { testid: "sign-in-again" },
      },
      element(
        "div",
        { className: "sheet-body" },
        element(
          "header",
          {},
          element(
            "div",
            {},
            element("h2", { id: "sign-in-again-title", textContent: text(`signInAgain.${key}`, { name }) }),
            element("p", { className: "muted", id: "sign-in-again-about", textContent: text("signInAgain.about") }),
          ),
          close,
        ),
        form,
      ),
    );
    const backdrop = element("div", { className: "sheet-backdrop" });
    const cover = element("div", { className: "sheet-cover" }, backdrop, sheet);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    close.onclick = backdrop.onclick = () => this.leave();
    this.#shown = { ticket, window, cover, sheet, username, password, problem, submit };
    window.covered = true;
    window.view.append(cover);
    (isFixed ? password : username).focus();
  }

  failed({ ticket, message, retryAfter }) {
    if (this.#shown?.ticket !== ticket) return;
    const throttledFor = message === "throttled" && retryAfter > 0;
    this.#tell(
      throttledFor ? text("signIn.throttledFor", { time: seconds(retryAfter) }) : text(`signIn.${message}`),
    );
    this.#shown.password.select();
  }

  /** Nobody waits for it any more, or it is done. */
  over({ ticket }) {
    if (this.#shown?.ticket === ticket) this.#remove();
  }

  /** The user would not. */
  leave() {
    if (this.#shown === null) return;
    const { ticket } = this.#shown;
    this.#remove();
    this.#send("leaveSignIn", { ticket });
  }

  /** Takes it off the screen: what it was for is gone. */
  withdrawAny() {
    this.#remove();
  }

  #submit() {
    const { ticket, username, password, submit } = this.#shown;
    if (submit.disabled) return;
    if (username.value.trim() === "" || password.value === "") return this.#tell(text("signIn.missing"));
    this.#tell(null);
    submit.disabled = true;
    submit.textContent = text("signIn.busy");
    this.#send("signInFor", { ticket, username: username.value.trim(), password: password.value });
  }

  #tell(problem) {
    this.#shown.problem.hidden = problem === null;
    this.#shown.problem.textContent = problem ?? "";
    this.#shown.submit.disabled = false;
    this.#shown.submit.textContent = text("signIn.submit");
  }

  #remove() {
    if (this.#shown === null) return;
    const { window, cover } = this.#shown;
    this.#shown = null;
    cover.remove();
    window.covered = false;
  }

  #key(event) {
    if (this.#shown === null || byId("panel").contains(event.target)) return;
    if (event.key === "Escape") {
      event.preventDefault();
      this.leave();
    } else if (event.key === "Tab") {
      keepFocus(event, this.#shown.sheet);
    }
  }
}

function field(key, input) {
  return element("label", {}, element("span", { textContent: text(key) }), input);
}
