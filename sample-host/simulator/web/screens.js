import { Approval } from "./approve.js";
import { byId, element, icon, programIcon } from "./dom.js";
import { Settings } from "./settings.js";
import { day, hasText, seconds, text } from "./text.js";

const PAGES = ["sign-in", "home", "account", "settings", "approve"];
/** Under which tab a page lies that has none of its own. */
const TAB_OF = { approve: "account", settings: "account" };

/** The host app's own screens: sign-in, home, account, one program's settings, and approving a sign-in elsewhere. */
export class Screens {
  #send;
  #programs;
  #state = { user: undefined, programs: [], grants: [] };
  #page = "sign-in";
  #problem = null;
  #opening = new Set();
  #approval;
  #settings;
  /** The program that the settings go back to, where it asked for them. */
  #askedBy = null;

  /**
   * @param {object} options
   * @param {(type: string, members?: object) => void} options.send
   * @param {import("./program.js").Programs} options.programs
   */
  constructor({ send, programs }) {
    this.#send = send;
    this.#programs = programs;
    byId("sign-in-form").addEventListener("submit", (event) => this.#signIn(event));
    byId("sign-out").addEventListener("click", () => send("signOut"));
    byId("tab-home").addEventListener("click", () => this.#go("home"));
    byId("tab-account").addEventListener("click", () => this.#go("account"));
    byId("open-approve").addEventListener("click", () => {
      this.#go("approve");
      this.#approval.focus();
    });
    this.#approval = new Approval({
      send,
      leave: () => {
        this.#go("account");
        byId("open-approve").focus();
      },
    });
    this.#settings = new Settings({ send, leave: () => this.#leaveSettings() });
  }

  /** Shows what the host told. */
  update(state) {
    const before = this.#state.user;
    this.#state = state;
    this.#settings.update(state);
    if (state.user?.id === before?.id && before !== undefined) return this.draw();
    this.#ended();
    this.#approval.reset();
    this.#page = state.user === null ? "sign-in" : "home";
    this.draw();
    byId(state.user === null ? "sign-in-username" : "home-title").focus();
  }

  signInFailed({ message, retryAfter }) {
    if (retryAfter > 0) this.#ended(["signIn.throttledFor", { time: seconds(retryAfter) }]);
    else this.#ended([`signIn.${message}`]);
    byId("sign-in-password").select();
  }

  /** The screen that answers other devices. */
  get approval() {
    return this.#approval;
  }

  /** The screen on which a program's grants are taken back. */
  get settings() {
    return this.#settings;
  }

  /** Shows the settings of a program that asked for them. */
  showSettings(program) {
    this.#askedBy = program;
    this.#programs.show(null);
    this.#openSettings(program);
  }

  /** Puts the focus where a program is opened from. */
  focusProgram(program) {
    const tile = byId("programs").querySelector(`[data-testid="program-${program}"]`);
    if (this.#page === "home") tile?.focus();
    else byId(`tab-${TAB_OF[this.#page] ?? this.#page}`)?.focus();
  }

  openFailed({ program }) {
    this.#opening.delete(program);
    const { name } = this.#state.programs.find(({ id }) => id === program) ?? { name: program };
    byId("home-problem").textContent = text("home.openFailed", { name });
    byId("home-problem").hidden = false;
  }

  /** Which of the programs' manifests is opened. */
  manifest = "published";

  /** Opens a program, or brings it to the front. */
  open(program) {
    if (!this.#state.user) return;
    byId("home-problem").hidden = true;
    if (this.#programs.has(program)) return this.#programs.bringToFront(program);
    // A second tap comes before the first one's answer.
    if (this.#opening.has(program)) return;
    this.#opening.add(program);
    this.#send("open", { program, manifest: this.manifest });
  }

  opened({ program }) {
    this.#opening.delete(program);
  }

  /** Whether the host app lies behind a program. */
  set covered(covered) {
    byId("app").inert = covered;
  }

  draw() {
    for (const page of PAGES) byId(`page-${page}`).hidden = page !== this.#page;
    byId("tab-bar").hidden = !this.#state.user;
    for (const tab of ["home", "account"]) {
      const current = tab === (TAB_OF[this.#page] ?? this.#page) ? "page" : "false";
      byId(`tab-${tab}`).setAttribute("aria-current", current);
    }
    this.#drawProblem();
    this.#approval.draw();
    if (!this.#state.user) return;
    const name = this.#state.user.displayName;
    byId("home-title").textContent = text("home.welcome", { name });
    byId("account-name").textContent = name;
    byId("account-avatar").textContent = [...name][0]?.toUpperCase() ?? "";
    byId("storage-hint").textContent = text(
      this.#state.persistent ? "account.persistent" : "account.inMemory",
    );
    const focused = document.activeElement?.dataset.testid;
    byId("programs").replaceChildren(...this.#state.programs.map((tile) => this.#tile(tile)));
    byId("grants").replaceChildren(...this.#grants());
    for (const list of ["programs", "grants"]) {
      byId(list).querySelector(`[data-testid="${focused}"]`)?.focus();
    }
  }

  #openSettings(program) {
    this.#go("settings");
    this.#settings.show(program);
  }

  #leaveSettings() {
    const [askedBy, program] = [this.#askedBy, this.#settings.program];
    if (askedBy !== null) {
      // The user's own way to the account ends a program's pause; the program's way must not.
      this.#go("home");
      return this.#programs.has(askedBy) && this.#programs.bringToFront(askedBy);
    }
    this.#go("account");
    byId("grants").querySelector(`[data-testid="manage-${program}"]`)?.focus();
  }

  #go(page) {
    if (page !== "settings") this.#askedBy = null;
    if (this.#page === "approve" && page !== "approve") this.#approval.reset();
    this.#page = page;
    if (page === "account") this.#send("settingsOpened");
    this.draw();
  }

  #signIn(event) {
    event.preventDefault();
    const username = byId("sign-in-username").value.trim();
    const password = byId("sign-in-password").value;
    if (username === "" || password === "") return this.#ended(["signIn.missing"]);
    const submit = byId("sign-in-submit");
    submit.disabled = true;
    submit.textContent = text("signIn.busy");
    this.#problem = null;
    this.#drawProblem();
    this.#send("signIn", { username, password });
  }

  #ended(problem = null) {
    const submit = byId("sign-in-submit");
    submit.disabled = false;
    submit.textContent = text("signIn.submit");
    this.#problem = problem;
    // The next user finds nothing of this one in the fields.
    if (problem === null) byId("sign-in-form").reset();
    this.#drawProblem();
  }

  #drawProblem() {
    const line = byId("sign-in-error");
    line.hidden = this.#problem === null;
    line.textContent = this.#problem === null ? "" : text(...this.#problem);
  }

  #tile(tile) {
    const words = element(
      "span",
      { className: "tile-words" },
      element("strong", { textContent: tile.name }),
      element("span", { className: "muted", textContent: tile.publisher }),
    );
    if (tile.install) {
      words.append(
        element("span", { className: "install" }, text("home.install"), element("code", { textContent: tile.install })),
      );
      const missing = element("div", { className: "tile missing", data: { testid: `missing-${tile.id}` } });
      missing.append(programIcon(tile), words);
      return element("li", {}, missing);
    }
    const button = element(
      "button",
      { className: "tile", onclick: () => this.open(tile.id), data: { testid: `program-${tile.id}` } },
      programIcon(tile),
      words,
    );
    if (this.#programs.has(tile.id)) {
      button.append(element("span", { className: "badge", textContent: text("home.running") }));
    }
    button.append(icon("chevron"));
    return element("li", {}, button);
  }

  #grants() {
    const byProgram = Map.groupBy(this.#state.grants, ({ program }) => program);
    if (byProgram.size === 0) {
      return [element("p", { className: "card empty muted", textContent: text("account.noGrants") })];
    }
    return [...byProgram].map(([id, grants]) => {
      const program = this.#state.programs.find((tile) => tile.id === id) ?? { name: id };
      return element(
        "div",
        { className: "card grant", data: { testid: `grants-${id}` } },
        element(
          "div",
          { className: "grant-program" },
          programIcon(program),
          element("span", { textContent: program.name }),
          element("button", {
            className: "link-button",
            textContent: text("account.manage"),
            onclick: () => this.#openSettings(id),
            aria: { label: text("account.manageProgram", { name: program.name }) },
            data: { testid: `manage-${id}` },
          }),
        ),
        element("ul", {}, ...grants.map(grantRow)),
      );
    });
  }
}

function grantRow({ scope, expiresAt }) {
  const key = `scope.${scope}`;
  const until = expiresAt
    ? text("account.until", { date: day(expiresAt) })
    : text("account.untilRevoked");
  return element(
    "li",
    { data: { scope } },
    element("span", { textContent: hasText(key) ? text(key) : scope }),
    element("span", { className: "muted", textContent: until }),
  );
}
