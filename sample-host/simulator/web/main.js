import { Connection } from "./connection.js";
import { byId } from "./dom.js";
import { Panel } from "./panel.js";
import { Programs } from "./program.js";
import { Screens } from "./screens.js";
import { ConsentSheet } from "./sheet.js";
import { SignInSheet } from "./sign-in-again.js";
import { LANGUAGES, speak, text, timeOfDay } from "./text.js";

const connection = new Connection(document.documentElement.dataset.token);
const send = (type, members) => connection.send(type, members);

const sheet = new ConsentSheet((answer) => send("answer", answer));
const signInSheet = new SignInSheet(send);
const programs = new Programs({
  place: byId("windows"),
  report: send,
  onFront(window, before) {
    leaveSheet(window);
    screens.covered = window !== null;
    screens.draw();
    if (window === null && before !== null) screens.focusProgram(before.program);
  },
});
const screens = new Screens({ send, programs });
const panel = new Panel(send);
let ended = null;
let user;

speak(document.documentElement.lang);
tellTime();
setInterval(tellTime, 10_000);

connection.on("state", (state) => {
  const spoken = document.documentElement.lang;
  if (state.locale !== spoken) {
    speak(state.locale);
    programs.translate(state.programs);
    tellTime();
  }
  // What is open was opened by one user, and is not for the next one; but whom a program had chosen.
  if (state.user?.id !== user) programs.closeAll(signInSheet.window);
  user = state.user?.id;
  screens.update(state);
  panel.update(state);
});
connection.on("signInFailed", (failure) => screens.signInFailed(failure));
connection.on("deviceFound", (asked) => screens.approval.found(asked));
connection.on("deviceAnswered", (answer) => screens.approval.answered(answer));
connection.on("deviceFailed", (failure) => screens.approval.failed(failure));
connection.on("opened", (opened) => {
  screens.opened(opened);
  programs.open(opened);
});
connection.on("openFailed", (failure) => screens.openFailed(failure));
connection.on("deliver", (message) => programs.deliver(message));
connection.on("present", ({ view }) => {
  const { front } = programs;
  // The host hears that the program has left the screen, and presents it anew once it is back.
  if (front?.program === view.miniProgram.id) sheet.present(view, front);
});
connection.on("dismiss", ({ prompt }) => sheet.withdraw(prompt));
connection.on("showSettings", ({ ticket, program }) => {
  screens.showSettings(program);
  send("settingsShown", { ticket });
});
connection.on("revoked", (outcome) => screens.settings.revoked(outcome));
connection.on("signInAgain", (wanted) => {
  const { front } = programs;
  if (front?.program === wanted.program) signInSheet.present(wanted, front, front.name);
  else send("leaveSignIn", { ticket: wanted.ticket });
});
connection.on("signInAgainFailed", (failure) => signInSheet.failed(failure));
connection.on("signInOver", (over) => signInSheet.over(over));
connection.on("steered", (result) => panel.steered(result));
connection.on("audit", (entry) => panel.record(entry));
connection.on("error", ({ problem }) => {
  if (problem === "steeringFailed") panel.failed();
  else if (problem !== "answerNotAccepted") console.error(`The host did not accept that: ${problem}`);
});
connection.on("replaced", () => end("replaced"));
connection.on("ended", () => end("lost"));
byId("ended-reload").addEventListener("click", () => window.location.reload());

steerByQuery(new URLSearchParams(window.location.search));

/**
 * What is asked belongs to the program on screen. The host takes a prompt back that leaves with its
 * program, and presents it anew when that is back; a sign-in that is left is over.
 */
function leaveSheet(front) {
  if (signInSheet.window !== null && signInSheet.window !== front) {
    if (signInSheet.window.isOpen) signInSheet.leave();
    else signInSheet.withdrawAny();
  }
  if (sheet.isShown && sheet.window !== front) sheet.withdrawAny();
}

/** Whatever was open is closed at the host's end: only a new load shows the phone again. */
function end(why) {
  if (ended !== null) return;
  ended = why;
  sheet.withdrawAny();
  signInSheet.withdrawAny();
  programs.closeAll();
  panel.close();
  byId("ended-title").textContent = text(`ended.${why}Title`);
  byId("ended-text").textContent = text(`ended.${why}Text`);
  byId("ended-reload").textContent = text(`ended.${why}Action`);
  for (const part of ["app", "panel", "panel-handle"]) byId(part).inert = true;
  byId("ended").hidden = false;
  byId("ended-reload").focus();
}

/** The steering words that stand in the address: `user`, `open`, `locale`, `appearance`, `manifest`. */
function steerByQuery(words) {
  const [user, program, locale] = ["user", "open", "locale"].map((word) => words.get(word));
  panel.appear(words.get("appearance"));
  if (words.has("manifest")) screens.manifest = words.get("manifest");
  if (LANGUAGES.includes(locale)) send("locale", { locale });
  if (user !== null) send("steer", { action: "signInAs", username: user });
  if (program === null) return;
  let opened = false;
  connection.on("state", (state) => {
    if (opened || state.user === null) return;
    if (user !== null && state.user.displayName !== user) return;
    opened = true;
    screens.open(program);
  });
}

function tellTime() {
  byId("clock").textContent = timeOfDay(Date.now(), "short");
}
