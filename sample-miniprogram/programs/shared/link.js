import { TEXTS } from "/texts.js";
import { get, post } from "./api.js";
import { Texts } from "./messages.js";
import { block, hook, isBlocked, part, show, showError, translatePage } from "./view.js";

/** Asks whether the account of a customer with the user's address is the user's. */
const texts = new Texts(TEXTS, { language: navigator.language, place: "browser" });
translatePage(texts);

async function ask() {
  const { user, customer } = await get("/api/link");
  const name = user.username ?? texts.say("guest");
  hook("link-lead").textContent = texts.say("linkLead", { name });
  hook("link-email").textContent = customer.email;
  part("since").textContent = texts.say("linkSince", { date: texts.date(new Date(customer.since)) });
  show(part("question"), true);
  part("question").querySelector("h1").focus();
}

async function decide(link) {
  const buttons = [hook("link-yes"), hook("link-no")];
  if (buttons.some(isBlocked)) return;
  for (const button of buttons) block(button, true);
  try {
    const { returnTo } = await post("/api/link", { link });
    location.replace(returnTo);
  } catch (error) {
    showError(texts, error);
    for (const button of buttons) block(button, false);
  }
}

hook("link-yes").addEventListener("click", () => decide(true));
hook("link-no").addEventListener("click", () => decide(false));
ask().catch(() => location.replace("/"));
