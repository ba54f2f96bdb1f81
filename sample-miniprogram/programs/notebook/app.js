import { connect } from "/minihost/index.js";
import { Texts } from "/shared/messages.js";
import { block, hook, offerReload, part, show, showError, translatePage } from "/shared/view.js";
import { Client, OAuthError } from "./client.js";
import { Notes } from "./notes.js";
import { TEXTS } from "./texts.js";

const SCOPES = ["openid", "profile", "email"];
const REQUEST = "sign-in under way";
const BUTTONS = ["continue", "details", "sign-out", "stop-sharing"];

/** With one of these only an answer of the user's would do: then the page waits to be asked. */
const ONLY_THE_USER = new Set(["interaction_required", "consent_required"]);

const meta = (name) => document.querySelector(`meta[name="${name}"]`).content;
const redirectUri = `${location.origin}/callback`;
const client = new Client({ issuer: meta("authorization-server"), clientId: meta("client-id"), redirectUri });
const notes = new Notes();
/** The host of this page, or null in a tab of its own. */
let bridge = null;
let texts;
let giveUp = null;

speak({ language: navigator.language });
hook("continue").addEventListener("click", () => run("waiting", (signal) => signInAtHost(SCOPES, "auto", signal)));
hook("cancel").addEventListener("click", () => giveUp?.abort());
hook("browser-sign-in").addEventListener("click", (event) => {
  event.preventDefault();
  run("waiting", signInInBrowser);
});
hook("details").addEventListener("click", () => run("asking", showDetails));
hook("sign-out").addEventListener("click", () => run("asking", signOut));
hook("stop-sharing").addEventListener("click", () => run("stopping", stopSharing));
part("reload").addEventListener("click", () => location.reload());

try {
  bridge = await connect({ hostOrigins: meta("host-origins").split(" ") });
  speak({ language: bridge.locale, host: bridge.host.name });
  hook("continue").textContent = texts.say("continue");
  show(part("sharing"), true);
  bridge.on("auth.sessionChanged", ({ valid }) => valid || sessionEnded());
  bridge.on("close", gone);
  signedOut();
  // Who has agreed before is known again without being asked.
  if ((await bridge.checkSession()).valid) await run("confirming", signInQuietly);
} catch (error) {
  if (error.reason !== "not_in_container") gone(error);
  else {
    speak({ language: navigator.language, place: "browser" });
    signedOut();
    if (location.search) await run("signingIn", comeBack);
  }
}

async function signInAtHost(scopes, prompt, signal) {
  const request = await client.newRequest();
  const { codeChallenge, state, nonce } = request;
  const answer = await bridge.requestCode({ scopes, codeChallenge, state, nonce, prompt, redirectUri, signal });
  await signedIn(await client.redeem(answer, request));
}

/** Without a question to the user: with what they share already, where that is enough to know them by. */
async function signInQuietly(signal) {
  const scopes = await granted();
  if (!scopes.includes("openid")) return say(null);
  try {
    await signInAtHost(scopes, "none", signal);
  } catch (error) {
    if (!ONLY_THE_USER.has(error.reason)) throw error;
    say(null);
  }
}

async function granted() {
  const { grants } = await bridge.getGrants();
  return SCOPES.filter((name) => grants.some(({ scope, audience }) => scope === name && audience === undefined));
}

async function signInInBrowser() {
  const request = await client.newRequest();
  // The page is left and comes back: what belongs to the request waits in this tab alone.
  sessionStorage.setItem(REQUEST, JSON.stringify(request));
  location.assign(await client.authorizationUrl(request, SCOPES));
}

/** Takes what the authorization server sent the browser back with, if it answers this tab's request. */
async function comeBack() {
  const { code, state, iss, error } = Object.fromEntries(new URLSearchParams(location.search));
  history.replaceState(null, "", "/");
  const request = JSON.parse(sessionStorage.getItem(REQUEST) ?? "{}");
  sessionStorage.removeItem(REQUEST);
  if (request.state === undefined || state !== request.state) throw new OAuthError("state_mismatch");
  if (error !== undefined) throw new OAuthError(error === "access_denied" ? "user_denied" : "server_error");
  await signedIn(await client.redeem({ code, state, iss }, request));
}

async function showDetails() {
  const { user, refreshed } = await client.details();
  fillDetails(user);
  show(hook("refreshed"), refreshed);
  say("detailsShown", { time: texts.time(new Date()) });
}

async function signOut() {
  try {
    await client.signOut();
  } finally {
    signedOut();
  }
  say("signedOut");
  hook(bridge === null ? "browser-sign-in" : "continue").focus();
}

/** Ends what the user allowed, at the host and at the server, and with it the tokens. */
async function stopSharing() {
  await bridge.revoke();
  sessionEnded();
  say("sharingStopped");
  hook("continue").focus();
}

/** One thing at a time: shows that it is under way, and why it did not work. */
async function run(status, work) {
  if (giveUp !== null) return;
  giveUp = new AbortController();
  show(hook("error"), false);
  for (const name of BUTTONS) block(hook(name), true);
  show(hook("cancel"), status === "waiting" && bridge !== null);
  say(status);
  try {
    await work(giveUp.signal);
  } catch (error) {
    if (error.reason === "login_required") signedOut();
    say(null);
    showError(texts, error, error.reason === "login_required" ? "continue_again" : undefined);
  } finally {
    giveUp = null;
    show(hook("cancel"), false);
    for (const name of BUTTONS) block(hook(name), false);
  }
}

async function signedIn(userId) {
  const { user } = await client.details();
  const name = user.preferred_username ?? texts.say("guest");
  hook("greeting").textContent = texts.say("greeting", { name });
  fillDetails(user);
  notes.open(userId);
  showView("signed-in");
  say("signedIn");
  hook("greeting").focus();
}

function fillDetails({ sub, preferred_username: username, email, email_verified: isVerified }) {
  const values = { "user-id": sub, "user-name": username, "user-email": email, "user-phone": undefined };
  for (const [name, value] of Object.entries(values)) {
    hook(name).textContent = value ?? texts.say("notShared");
    hook(name).dataset.shared = String(value !== undefined);
  }
  if (email && isVerified) hook("user-email").dataset.note = texts.say("verified");
  else delete hook("user-email").dataset.note;
}

function signedOut() {
  for (const name of ["user-id", "user-name", "user-email", "user-phone", "greeting"]) hook(name).textContent = "";
  show(hook("refreshed"), false);
  notes.open(null);
  show(hook("browser-sign-in"), true);
  block(hook("continue"), giveUp !== null);
  showView(bridge === null ? "alone" : "signed-out");
  say(null);
}

/** The host's user is another, or agrees no longer: nothing of theirs stays, nor arrives. */
function sessionEnded() {
  client.forget();
  signedOut();
}

/** There is no host, or no longer; another load may find it. */
function gone(error) {
  bridge = null;
  client.forget(error.reason);
  signedOut();
  show(hook("browser-sign-in"), false);
  offerReload(error);
  showError(texts, error);
}

function speak(where) {
  texts = new Texts(TEXTS, where);
  translatePage(texts);
  notes.translate(texts);
}

function showView(name) {
  for (const view of document.querySelectorAll("[data-view]")) show(view, view.dataset.view === name);
}

function say(key, fillings) {
  hook("status").textContent = key === null ? "" : texts.say(key, fillings);
}
