import { get, post } from "./api.js";
import { keepShared, sharedBefore } from "./shared-before.js";
import { block, hook, isBlocked, offerReload, part, show, showError } from "./view.js";

/** With one of these the user, or the host for them, says no to what was asked. */
const REFUSALS = new Set(["user_denied", "cooldown"]);

/**
 * The account part of a program's page: continuing with the host, the user's details, signing out.
 * The backend holds the verifier and the tokens; here pass only challenge, code, state and iss.
 */
export class Account {
  #bridge = null;
  #texts;
  #trade;
  #cancel = null;
  #countdown = 0;
  #isInBrowser = false;

  /** @param {{ memberPage?: string, signedIn: () => void, signedOut: () => void }} trade told who is there */
  constructor(texts, trade) {
    this.#texts = texts;
    this.#trade = trade;
    hook("continue").addEventListener("click", () => this.#continue());
    part("reload").addEventListener("click", () => location.reload());
    hook("cancel").addEventListener("click", () => this.#cancel?.abort());
    hook("details").addEventListener("click", () => this.#askDetails());
    hook("sign-out").addEventListener("click", () => this.#signOut());
    this.#say("connecting");
  }

  /** Goes on once the host is there: a session that this browser has is shown if it is still theirs. */
  async connected(bridge, texts) {
    this.#bridge = bridge;
    this.#texts = texts;
    hook("continue").textContent = texts.say("continue");
    bridge.on("auth.sessionChanged", ({ valid }) => {
      if (!valid && this.#cancel === null) this.#confirm();
    });
    bridge.on("close", (error) => this.disconnected(error));
    await this.#confirm();
  }

  /**
   * The page is open outside a host. A session that this browser has is shown, and else a link to
   * where one begins; what went wrong on the way there stands in the address.
   */
  async inBrowser(texts) {
    this.#isInBrowser = true;
    this.#texts = texts;
    const query = new URLSearchParams(location.search);
    history.replaceState(null, "", location.pathname);
    const returnTo = query.get("return_to") ?? location.pathname;
    hook("browser-sign-in").href = `/sign-in?${new URLSearchParams({ return_to: returnTo })}`;
    hook("member-link").href = this.#trade.memberPage ?? "";
    show(hook("member-link"), this.#trade.memberPage !== undefined);
    for (const shown of [hook("browser-sign-in"), part("alone-lead")]) show(shown, true);
    try {
      const { signedIn } = await get("/api/session");
      if (signedIn) this.#showUser(await get("/api/account"));
      else this.#showSignedOut();
      if (query.has("error")) this.fail({ reason: query.get("error") });
    } catch (error) {
      this.#showSignedOut();
      this.fail(error);
    }
  }

  /** There is no host, or no longer; where another try may find it, the page offers one. */
  disconnected(error) {
    this.#bridge = null;
    this.#showSignedOut();
    this.#showView("alone");
    offerReload(error);
    this.fail(error);
  }

  /** Shows why something did not work. `words` replaces the reason's own words. */
  fail(error, words) {
    const isFinal = error.reason === "cooldown" && error.retryAfter === undefined;
    showError(this.#texts, error, isFinal ? "cooldown_settings" : words);
    this.#say(null);
    if (error.retryAfter > 0) this.#waitFor(error.retryAfter);
  }

  /** The backend knows the user no more. */
  sessionEnded(error) {
    this.#showSignedOut();
    this.fail(error, "continue_again");
  }

  /**
   * The host's user may have changed since this browser's session began. Whether the session is
   * still theirs, only the host can tell: it is asked without a question to the user.
   */
  async #confirm() {
    try {
      const { signedIn } = await get("/api/session");
      if (!signedIn) return this.#showSignedOut();
      this.#say("confirming");
      this.#showUser(await this.#signIn({ confirm: true }));
    } catch (error) {
      this.#showSignedOut();
      if (error.retryable || error.reason === "network") return this.fail(error);
      await post("/api/sign-out").catch((failure) => this.fail(failure));
    }
  }

  async #continue() {
    if (isBlocked(hook("continue"))) return;
    this.#clearError();
    block(hook("continue"), true);
    show(hook("cancel"), true);
    this.#cancel = new AbortController();
    try {
      this.#say("waiting");
      this.#showUser(await this.#signInWithWhatIsShared(this.#cancel.signal));
      hook("greeting").focus();
    } catch (error) {
      this.#showSignedOut();
      this.fail(error);
      hook("continue").focus();
    } finally {
      this.#cancel = null;
    }
  }

  /** Who says no to sharing more than before still comes in with what they share already. */
  async #signInWithWhatIsShared(signal) {
    try {
      return await this.#signIn({ signal });
    } catch (refusal) {
      const scopes = sharedBefore();
      if (!REFUSALS.has(refusal.reason) || scopes.length === 0) throw refusal;
      return this.#signIn({ scopes, prompt: "none", signal }).catch(() => {
        throw refusal;
      });
    }
  }

  /** One way from challenge to session. `scopes` asks for less than everything. */
  async #signIn({ confirm = false, prompt = confirm ? "none" : "auto", scopes, signal }) {
    const bridge = this.#bridge;
    const request = await post("/api/sign-in/start", { confirm });
    const asked = { ...request, scopes: scopes ?? request.scopes };
    const { code, state, iss, grantedScopes } = await bridge.requestCode({ ...asked, prompt, signal });
    // From here on the code is spent, so there is nothing left to cancel.
    show(hook("cancel"), false);
    this.#say("signingIn");
    const signedIn = await post("/api/sign-in/finish", { code, state, iss });
    keepShared(grantedScopes);
    return signedIn;
  }

  async #askDetails() {
    const button = hook("details");
    if (isBlocked(button)) return;
    this.#clearError();
    block(button, true);
    show(hook("refreshed"), false);
    this.#say("asking");
    try {
      const { user, refreshed } = await post("/api/details");
      this.#fillDetails(user);
      show(hook("refreshed"), refreshed);
      this.#say("detailsShown", { time: this.#texts.time(new Date()) });
    } catch (error) {
      if (error.reason === "login_required") this.sessionEnded(error);
      else this.fail(error);
    } finally {
      block(button, false);
    }
  }

  async #signOut() {
    this.#clearError();
    try {
      await post("/api/sign-out");
      this.#showSignedOut();
      this.#say("signedOut");
      hook(this.#isInBrowser ? "browser-sign-in" : "continue").focus();
    } catch (error) {
      this.fail(error);
    }
  }

  #showUser({ user, signIns }) {
    const name = user.username ?? this.#texts.say("guest");
    hook("greeting").textContent = this.#texts.say(signIns > 1 ? "greetingAgain" : "greeting", { name });
    this.#fillDetails(user);
    this.#clearError();
    show(hook("refreshed"), false);
    this.#showView("signed-in");
    this.#say("signedIn");
    this.#trade.signedIn();
  }

  #fillDetails({ id, username, email, emailVerified, phone }) {
    const values = { "user-id": id, "user-name": username, "user-email": email, "user-phone": phone };
    for (const [name, value] of Object.entries(values)) {
      hook(name).textContent = value ?? this.#texts.say("notShared");
      hook(name).dataset.shared = String(value != null);
    }
    if (email && emailVerified) hook("user-email").dataset.note = this.#texts.say("verified");
    else delete hook("user-email").dataset.note;
  }

  #showSignedOut() {
    // Nothing of the user who was here stays behind.
    for (const name of ["user-id", "user-name", "user-email", "user-phone", "greeting"]) {
      hook(name).textContent = "";
    }
    show(hook("cancel"), false);
    block(hook("continue"), this.#countdown !== 0);
    this.#showView(this.#bridge === null ? "alone" : "signed-out");
    this.#say(null);
    this.#trade.signedOut();
  }

  #showView(name) {
    for (const view of document.querySelectorAll("[data-view]")) show(view, view.dataset.view === name);
  }

  #waitFor(seconds) {
    clearInterval(this.#countdown);
    const end = Date.now() + seconds * 1000;
    const tick = () => {
      const left = Math.ceil((end - Date.now()) / 1000);
      part("wait").textContent = this.#texts.say("wait", { time: this.#texts.seconds(left) });
      show(part("wait"), left > 0);
      if (left > 0) return;
      clearInterval(this.#countdown);
      this.#countdown = 0;
      block(hook("continue"), false);
    };
    this.#countdown = setInterval(tick, 1000);
    block(hook("continue"), true);
    tick();
  }

  #clearError() {
    show(hook("error"), false);
    delete hook("error").dataset.reason;
  }

  #say(key, fillings) {
    hook("status").textContent = key === null ? "" : this.#texts.say(key, fillings);
  }
}
