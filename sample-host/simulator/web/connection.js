/**
 * The connection to the process that holds the SDK: JSON text frames, each with a `type`. It has
 * one end; a page that wants another connection is loaded anew.
 */
export class Connection {
  #socket;
  #waiting = [];
  #listeners = new Map();

  /** @param {string} token the token of this run, from the page */
  constructor(token) {
    const url = new URL("/ws", window.location.href);
    url.protocol = "ws:";
    url.searchParams.set("token", token);
    this.#socket = new WebSocket(url);
    this.#socket.addEventListener("message", ({ data }) => {
      const { type, ...members } = JSON.parse(data);
      this.#tell(type, members);
    });
    this.#socket.addEventListener("open", () => {
      for (const frame of this.#waiting.splice(0)) this.#socket.send(frame);
    });
    this.#socket.addEventListener("close", () => this.#tell("ended", {}));
  }

  /** Calls back for each message of a type, and for `ended`. */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? [];
    this.#listeners.set(type, [...listeners, listener]);
  }

  /** Sends a message; one that comes before the connection is there waits for it. */
  send(type, members = {}) {
    const frame = JSON.stringify({ type, ...members });
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#waiting.push(frame);
    else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(frame);
  }

  #tell(type, members) {
    for (const listener of this.#listeners.get(type) ?? []) listener(members);
  }
}
