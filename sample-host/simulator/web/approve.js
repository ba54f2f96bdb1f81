import { byId, element } from "./dom.js";
import { deviceName } from "./device-name.js";
import { hasText, moment, seconds, text } from "./text.js";

const STEPS = ["form", "question", "outcome"];

/** The screen on which the user answers what another device asks, by the code that it shows. */
export class Approval {
  #send;
  #leave;
  #step = "form";
  #problem = null;
  #asked = null;
  #approved = false;
  #isBusy = false;

  /**
   * @param {object} options
   * @param {(type: string, members?: object) => void} options.send
   * @param {() => void} options.leave goes back to where the screen was opened from
   */
  constructor({ send, leave }) {
    this.#send = send;
    this.#leave = leave;
    byId("approve-form").addEventListener("submit", (event) => this.#find(event));
    byId("approve-yes").addEventListener("click", () => this.#answer(true));
    byId("approve-no").addEventListener("click", () => this.#answer(false));
    for (const button of ["approve-back", "approve-close"]) {
      byId(button).addEventListener("click", () => {
        this.reset();
        this.#leave();
      });
    }
  }

  /** Begins anew; what was found stays unanswered. */
  reset() {
    if (this.#step === "question") this.#send("leaveDevice");
    this.#step = "form";
    this.#problem = null;
    this.#asked = null;
    this.#isBusy = false;
    byId("approve-form").reset();
    this.draw();
  }

  focus() {
    byId("approve-code").focus();
  }

  found(asked) {
    // The user has gone elsewhere while it was looked for.
    if (!this.#isBusy) return this.#send("leaveDevice");
    this.#go("question", { asked });
    byId("approve-asks").focus();
  }

  answered({ approved }) {
    this.#go("outcome", { approved });
    byId("approve-done").focus();
  }

  failed({ message, retryAfter }) {
    const throttledFor = message === "throttled" && retryAfter > 0;
    this.#go("form");
    this.#problem = throttledFor
      ? ["approve.throttledFor", { time: seconds(retryAfter) }]
      : [`approve.${message}`];
    this.draw();
    byId("approve-code").select();
  }

  draw() {
    for (const step of STEPS) byId(`approve-${step}`).hidden = step !== this.#step;
    byId("approve-find").disabled = this.#isBusy;
    byId("approve-find").textContent = text(this.#isBusy ? "approve.finding" : "approve.find");
    for (const button of ["approve-yes", "approve-no"]) byId(button).disabled = this.#isBusy;
    byId("approve-error").hidden = this.#problem === null;
    byId("approve-error").textContent = this.#problem === null ? "" : text(...this.#problem);
    if (this.#asked !== null) this.#drawAsked(this.#asked);
    const outcome = this.#approved ? "approved" : "denied";
    byId("approve-done").textContent = text(`approve.${outcome}`);
    byId("approve-done-text").textContent = text(`approve.${outcome}Text`);
  }

  #drawAsked({ client, address, userAgent, requestedAt }) {
    byId("approve-asks").textContent =
      client === null
        ? text("approve.browserAsks")
        : text("approve.clientAsks", { name: client.name });
    const called = deviceName(userAgent);
    const facts = [
      ["approve.publisher", client?.publisher],
      ["approve.wants", client?.scopes.map(scopeName).join(text("approve.and"))],
      ["approve.reaches", client?.resources.join(text("approve.and")) || null],
      ["approve.device", called ?? userAgent ?? text("approve.notTold"), called && userAgent],
      ["approve.address", address ?? text("approve.notTold")],
      ["approve.time", moment(requestedAt)],
    ];
    const shown = facts.filter(([, value]) => value !== undefined && value !== null);
    byId("approve-facts").replaceChildren(...shown.map((fact) => row(...fact)));
  }

  #find(event) {
    event.preventDefault();
    const code = byId("approve-code").value.trim();
    if (this.#isBusy) return;
    if (code === "") {
      this.#problem = ["approve.missing"];
      return this.draw();
    }
    this.#problem = null;
    this.#isBusy = true;
    this.draw();
    this.#send("findDevice", { code });
  }

  #answer(approve) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.draw();
    this.#send("answerDevice", { approve });
  }

  #go(step, { asked = null, approved = false } = {}) {
    this.#step = step;
    this.#asked = asked;
    this.#approved = approved;
    this.#problem = null;
    this.#isBusy = false;
    if (step !== "form") byId("approve-form").reset();
    this.draw();
  }
}

const scopeName = (scope) => (hasText(`scope.${scope}`) ? text(`scope.${scope}`) : scope);

function row(key, value, detail) {
  const made = element(
    "div",
    {},
    element("dt", { textContent: text(key) }),
    element("dd", { textContent: value }),
  );
  if (detail) made.append(element("dd", { textContent: detail }));
  return made;
}
