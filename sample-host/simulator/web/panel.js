import { APPEARANCES, appear } from "./appearance.js";
import { byId, element } from "./dom.js";
import { text, timeOfDay } from "./text.js";

const MOST_EVENTS = 100;

/** The testers' controls beside the phone, or in a drawer where there is no room beside it. */
export class Panel {
  #send;
  #events = [];
  #status = null;
  #state = { user: null, programs: [], demoUsers: [] };

  /** @param {(type: string, members?: object) => void} send */
  constructor(send) {
    this.#send = send;
    byId("steer-expire-access").addEventListener("click", () => this.#steer("expireAccess"));
    byId("steer-expire-refresh").addEventListener("click", () => this.#steer("expireRefresh"));
    for (const radio of radios("locale")) {
      radio.addEventListener("change", () => send("locale", { locale: radio.value }));
    }
    for (const radio of radios("appearance")) {
      radio.addEventListener("change", () => this.appear(radio.value));
    }
    const toggle = () => this.#toggle();
    byId("panel-handle").addEventListener("click", toggle);
    byId("panel-close").addEventListener("click", toggle);
    byId("panel-backdrop").addEventListener("click", toggle);
    byId("panel").addEventListener("keydown", ({ key }) => {
      if (key === "Escape" && document.body.classList.contains("drawer-open")) toggle();
    });
  }

  /** Shows what the host told. */
  update(state) {
    this.#state = state;
    this.#events = [...state.audit].reverse();
    for (const radio of radios("locale")) radio.checked = radio.value === state.locale;
    this.draw();
  }

  /** Light, dark, or as the system is; anything else is left alone. */
  appear(appearance) {
    if (!APPEARANCES.includes(appearance)) return;
    appear(appearance);
    for (const radio of radios("appearance")) radio.checked = radio.value === appearance;
  }

  record(entry) {
    this.#events = [entry, ...this.#events].slice(0, MOST_EVENTS);
    this.draw();
  }

  steered({ count }) {
    this.#tell("panel.expired", { count });
  }

  failed() {
    this.#tell("panel.failed");
  }

  /** Leaves the screen to the phone, where the two share it. */
  close() {
    document.body.classList.remove("drawer-open");
    byId("panel-handle").setAttribute("aria-expanded", "false");
  }

  draw() {
    const others = this.#state.demoUsers.filter((name) => name !== this.#state.user?.displayName);
    byId("panel-users").replaceChildren(...others.map((name) => this.#userButton(name)));
    byId("events").replaceChildren(...this.#events.map((entry) => this.#event(entry)));
    byId("events-empty").hidden = this.#events.length > 0;
    byId("panel-status").hidden = this.#status === null;
    byId("panel-status").textContent = this.#status === null ? "" : text(...this.#status);
  }

  #steer(action) {
    this.#status = null;
    this.draw();
    this.#send("steer", { action });
  }

  #tell(...status) {
    this.#status = status;
    this.draw();
  }

  #toggle() {
    const opens = document.body.classList.toggle("drawer-open");
    byId("panel-handle").setAttribute("aria-expanded", String(opens));
    byId(opens ? "panel-close" : "panel-handle").focus();
  }

  #userButton(name) {
    return element("button", {
      className: "secondary",
      textContent: text("panel.signInAs", { name }),
      onclick: () => this.#send("steer", { action: "signInAs", username: name }),
      data: { testid: `sign-in-as-${name}` },
    });
  }

  #event({ at, program, outcome, scopes, asked, mode, reason, tookMs, correlationId }) {
    const { name } = this.#state.programs.find(({ id }) => id === program) ?? { name: program };
    const details = [
      mode && text(`event.mode.${mode}`),
      (scopes.length > 0 ? scopes : asked).join(" "),
      text("event.took", { ms: tookMs }),
    ];
    return element(
      "li",
      { className: `event ${outcome}`, title: correlationId, data: { outcome } },
      // Blanks keep the words apart where they are read out.
      element("strong", { textContent: name }),
      " ",
      element("time", { dateTime: at, textContent: timeOfDay(at) }),
      " ",
      element(
        "span",
        {},
        element("span", { className: "outcome", textContent: text(`event.${outcome}`) }),
        reason ? " " : "",
        reason ? element("code", { textContent: reason }) : "",
      ),
      " ",
      element("span", { className: "muted", textContent: details.filter(Boolean).join(" · ") }),
    );
  }
}

const radios = (name) => document.querySelectorAll(`input[name="${name}"]`);
