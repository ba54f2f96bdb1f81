import { get, post } from "/shared/api.js";
import { runProgram } from "/shared/program.js";
import { block, element, hook, isBlocked, part, show } from "/shared/view.js";
import { TEXTS } from "./texts.js";

const MOTIFS = ["harbour", "hills", "lights"];

let texts;
let isSignedIn = false;

function showMotifs() {
  const before = new FormData(part("card-form")).get("motif") ?? MOTIFS[0];
  const choices = MOTIFS.map((motif) => {
    const input = element("input", { type: "radio", name: "motif", value: motif });
    input.checked = motif === before;
    const picture = element("span", { className: `picture ${motif}`, "aria-hidden": "true" });
    return element("label", { className: "motif" }, input, picture, element("span", { text: texts.say(motif) }));
  });
  part("motifs").replaceChildren(...choices);
  block(hook("send-card"), !isSignedIn);
  if (!isSignedIn) part("card-note").textContent = texts.say("sendFirst");
}

async function showCards() {
  const { cards } = await get("/api/cards");
  const lines = cards.map(({ motif, text, sentAt }) => {
    const time = element("time", { className: "small muted", datetime: sentAt, text: texts.time(new Date(sentAt)) });
    const picture = element("span", { className: `picture ${motif}`, "aria-hidden": "true" });
    return element("li", {}, picture, element("span", { className: "grow", text }), time);
  });
  hook("cards").replaceChildren(...lines);
  show(part("cards"), lines.length > 0);
}

async function send(event) {
  event.preventDefault();
  if (isBlocked(hook("send-card"))) return;
  block(hook("send-card"), true);
  const form = new FormData(part("card-form"));
  try {
    await post("/api/cards", { motif: form.get("motif"), text: form.get("text") });
    part("card-form").reset();
    part("card-note").textContent = texts.say("sent");
    await showCards();
  } catch (error) {
    failed(error);
  } finally {
    showMotifs();
  }
}

function failed(error) {
  if (error.reason === "login_required") account.sessionEnded(error);
  else account.fail(error);
}

const trade = {
  translate(now) {
    texts = now;
    showMotifs();
  },
  signedIn() {
    isSignedIn = true;
    part("card-note").textContent = "";
    showMotifs();
    showCards().catch(failed);
  },
  signedOut() {
    isSignedIn = false;
    hook("cards").replaceChildren();
    show(part("cards"), false);
    showMotifs();
  },
};

const account = runProgram({ texts: TEXTS, trade });
part("card-form").addEventListener("submit", send);
