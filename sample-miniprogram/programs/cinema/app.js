import { get, post } from "/shared/api.js";
import { runProgram } from "/shared/program.js";
import { block, element, hook, isBlocked, part } from "/shared/view.js";
import { TEXTS } from "./texts.js";

let texts;
let isSignedIn = false;
let room = { rows: [], seatsInRow: 0, screenings: [] };

const chosen = (name) => new FormData(part("booking-form")).get(name);
const chosenFilm = () => room.screenings.find(({ screening }) => screening.id === chosen("film"));

function showFilms() {
  const before = chosen("film") ?? room.screenings[0]?.screening.id;
  const cards = room.screenings.map(({ screening: { id, startsAt, price } }) => {
    const input = element("input", { type: "radio", name: "film", value: id });
    input.checked = id === before;
    return element(
      "label",
      { className: `film film-${id}` },
      input,
      element("span", { className: "poster", "aria-hidden": "true" }),
      element("span", { className: "film-name", text: texts.say(id) }),
      element("span", { className: "small muted", text: `${startsAt} · ${texts.money(price)}` }),
    );
  });
  part("films").replaceChildren(...cards);
  showSeats();
}

function showSeats() {
  const film = chosenFilm();
  const before = chosen("seat");
  const seats = room.rows.flatMap((row) => [
    element("span", { className: "row small muted", text: row, "aria-hidden": "true" }),
    ...Array.from({ length: room.seatsInRow }, (_, index) => seat(`${row}${index + 1}`, film, before)),
  ]);
  part("seats").replaceChildren(...seats);
  showButton();
}

function seat(name, film, before) {
  const state = film?.own.includes(name) ? "own" : film?.taken.includes(name) ? "taken" : "free";
  const input = element("input", { type: "radio", name: "seat", value: name });
  input.disabled = state !== "free";
  input.checked = state === "free" && name === before;
  const label = `${texts.say("seat", { seat: name })}, ${texts.say(state)}`;
  input.setAttribute("aria-label", label);
  return element(
    "label",
    { className: `seat ${state}`, title: label },
    input,
    element("span", { text: name.slice(1), "aria-hidden": "true" }),
  );
}

function showButton() {
  const name = chosen("seat");
  const price = chosenFilm()?.screening.price;
  hook("book-seat").textContent =
    name === null ? texts.say("bookPlain") : texts.say("book", { seat: name, price: texts.money(price) });
  block(hook("book-seat"), !isSignedIn || name === null);
  if (!isSignedIn) part("booking-note").textContent = texts.say("bookFirst");
}

async function refresh() {
  room = await get("/api/screenings");
  showFilms();
}

async function book(event) {
  event.preventDefault();
  if (isBlocked(hook("book-seat"))) return;
  block(hook("book-seat"), true);
  const { screening } = chosenFilm();
  try {
    const booked = await post("/api/bookings", { screening: screening.id, seat: chosen("seat") });
    part("booking-note").textContent = texts.say("booked", {
      seat: booked.seat,
      film: texts.say(screening.id),
      time: screening.startsAt,
    });
  } catch (error) {
    failed(error);
  }
  await refresh().catch(failed);
}

function failed(error) {
  if (error.reason === "login_required") account.sessionEnded(error);
  else account.fail(error);
}

const trade = {
  memberPage: "/tickets",
  translate(now) {
    texts = now;
    showFilms();
  },
  signedIn() {
    isSignedIn = true;
    part("booking-note").textContent = "";
    refresh().catch(failed);
  },
  signedOut() {
    const wasSignedIn = isSignedIn;
    isSignedIn = false;
    // Whose seats these were is nobody else's concern.
    if (wasSignedIn) refresh().catch(failed);
    else showButton();
  },
};

const account = runProgram({ texts: TEXTS, trade });
part("booking-form").addEventListener("submit", book);
part("booking-form").addEventListener("change", ({ target }) =>
  target.name === "film" ? showSeats() : showButton(),
);
refresh().catch(failed);
