import { block, element, hook, part, show } from "/shared/view.js";

const MOST_NOTES = 20;

/** One user's notes, kept in this browser under the id by which they are known here. */
export class Notes {
  #texts;
  #key = null;
  #notes = [];

  constructor() {
    part("note-form").addEventListener("submit", (event) => this.#add(event));
  }

  translate(texts) {
    this.#texts = texts;
    this.#draw();
  }

  /** Opens the notebook of a user; null closes it. */
  open(userId) {
    this.#key = userId === null ? null : `notes of ${userId}`;
    this.#notes = this.#key === null ? [] : read(this.#key);
    this.#draw();
  }

  #add(event) {
    event.preventDefault();
    const field = part("note");
    const text = field.value.trim();
    if (this.#key === null || text === "") return;
    this.#change([{ text, at: Date.now() }, ...this.#notes].slice(0, MOST_NOTES));
    field.value = "";
    field.focus();
  }

  #change(notes) {
    this.#notes = notes;
    try {
      localStorage.setItem(this.#key, JSON.stringify(notes));
    } catch {
      // A browser may keep a frame from its storage: then they last as long as the page.
    }
    this.#draw();
  }

  #draw() {
    const isOpen = this.#key !== null;
    part("note").disabled = !isOpen;
    block(hook("add-note"), !isOpen);
    part("notes-lead").textContent = this.#texts.say(isOpen ? "notesKept" : "notesFirst");
    const lines = this.#notes.map((note) => {
      const remove = element("button", { className: "quiet", type: "button", text: this.#texts.say("remove") });
      remove.setAttribute("aria-label", this.#texts.say("removeNote", { note: note.text }));
      remove.addEventListener("click", () => this.#change(this.#notes.filter((other) => other !== note)));
      const time = element("time", {
        className: "small muted",
        datetime: new Date(note.at).toISOString(),
        text: this.#texts.time(new Date(note.at)),
      });
      return element("li", {}, element("span", { className: "grow", text: note.text }), time, remove);
    });
    hook("notes").replaceChildren(...lines);
    show(hook("notes"), lines.length > 0);
  }
}

function read(key) {
  try {
    const notes = JSON.parse(localStorage.getItem(key));
    return Array.isArray(notes) ? notes.filter(({ text, at }) => typeof text === "string" && at > 0) : [];
  } catch {
    return [];
  }
}
