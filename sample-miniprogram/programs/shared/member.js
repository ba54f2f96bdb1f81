import { get, post } from "./api.js";
import { Texts } from "./messages.js";
import { hook, part, show, showError, translatePage } from "./view.js";

/**
 * Runs a page of the signed-in user's own things: all of them, or the one that the address names.
 * The backend shows it to signed-in users only, and checks whose the one is.
 *
 * @param {object} page
 * @param {Record<string, Record<string, string>>} page.texts by locale
 * @param {string} page.path of the list
 * @param {(texts: Texts) => Promise<Node[]>} page.all
 * @param {(name: string, texts: Texts) => Promise<Node>} page.one
 */
export async function runMemberPage({ texts: own, path, all, one }) {
  const texts = new Texts(own, { language: navigator.language, place: "browser" });
  translatePage(texts);
  const name = location.pathname.slice(path.length + 1);
  part("title").textContent = texts.say(name === "" ? "memberTitle" : "memberOne");
  if (name !== "") {
    part("back").href = path;
    part("back").textContent = texts.say("memberAll");
  }
  hook("sign-out").addEventListener("click", () =>
    post("/api/sign-out").then(
      () => location.assign("/"),
      (error) => showError(texts, error),
    ),
  );
  try {
    const { user } = await get("/api/account");
    hook("who").textContent = user.username ?? texts.say("guest");
    show(hook("sign-out"), true);
    const records = name === "" ? await all(texts) : [await one(name, texts)];
    hook("records").replaceChildren(...records);
    show(part("none"), records.length === 0);
  } catch (error) {
    // The session has ended since the page was sent; the backend sends the browser to sign in.
    if (error.reason === "login_required") return location.reload();
    showError(texts, error);
  }
  part("title").focus();
}
