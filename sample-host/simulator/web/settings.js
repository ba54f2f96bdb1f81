import { byId, element, icon, programIcon } from "./dom.js";
import { day, hasText, text } from "./text.js";

/** The screen on which the user sees what one program was granted, and takes it back. */
export class Settings {
  #send;
  #leave;
  #program = null;
  #state = { programs: [], grants: [] };
  #outcome = null;

  /**
   * @param {object} options
   * @param {(type: string, members?: object) => void} options.send
   * @param {() => void} options.leave goes back to where the screen was opened from
   */
  constructor({ send, leave }) {
    this.#send = send;
    this.#leave = leave;
    byId("settings-back").addEventListener("click", () => this.#leave());
    byId("revoke-all").addEventListener("click", () => this.#revoke(null));
  }

  /** Which program it is about. */
  get program() {
    return this.#program;
  }

  /** Is about this program from now on. */
  show(program) {
    this.#program = program;
    this.#outcome = null;
    this.draw();
    byId("settings-title").focus();
  }

  update(state) {
    this.#state = state;
    this.draw();
  }

  /** Says what came of taking back. */
  revoked({ program, scopes, server, stored }) {
    if (program !== this.#program) return;
    const names = scopes.map(scopeName).join(text("approve.and"));
    const lines = [
      scopes.length === 0 ? text("settings.nothing") : text("settings.revoked", { scopes: names }),
      scopes.length > 0 ? text(`settings.server.${server}`) : "",
      stored ? "" : text("settings.notStored"),
    ];
    this.#outcome = lines.filter(Boolean).join(" ");
    this.draw();
    byId("settings-title").focus();
  }

  draw() {
    if (this.#program === null) return;
    const tile = this.#state.programs.find(({ id }) => id === this.#program);
    const { name, publisher = "" } = tile ?? { name: this.#program };
    byId("settings-icon").replaceChildren(programIcon(tile ?? { name }));
    byId("settings-name").textContent = name;
    byId("settings-publisher").textContent = text("consent.publisher", { publisher });
    const grants = this.#state.grants.filter(({ program }) => program === this.#program);
    byId("settings-grants").replaceChildren(...grants.map((grant) => this.#row(grant)));
    byId("settings-empty").hidden = grants.length > 0;
    byId("settings-empty").textContent = text("settings.empty", { name });
    byId("revoke-all").hidden = grants.length === 0;
    byId("settings-outcome").hidden = this.#outcome === null;
    byId("settings-outcome").textContent = this.#outcome ?? "";
  }

  #row({ scope, grantedAt, expiresAt }) {
    const until = expiresAt
      ? text("account.until", { date: day(expiresAt) })
      : text("account.untilRevoked");
    const take = element(
      "button",
      { className: "icon-button", onclick: () => this.#revoke([scope]), data: { testid: `revoke-${scope}` } },
      icon("close"),
    );
    take.setAttribute("aria-label", text("settings.revokeOne", { scope: scopeName(scope) }));
    return element(
      "li",
      { data: { scope } },
      element(
        "span",
        { className: "grant-words" },
        element("span", { textContent: scopeName(scope) }),
        element("span", { className: "muted", textContent: text("settings.since", { date: day(grantedAt), until }) }),
      ),
      take,
    );
  }

  #revoke(scopes) {
    this.#send("revoke", { program: this.#program, scopes });
  }
}

const scopeName = (scope) => (hasText(`scope.${scope}`) ? text(`scope.${scope}`) : scope);
