/** Who listens to which event. One listener's fault reaches neither the others nor the bridge. */
export class Listeners {
  /** @type {Map<string, Set<{ listener: (params: any) => void }>>} */
  #entries = new Map();

  /** @returns {() => void} stops listening */
  add(event, listener) {
    // An entry of its own, so that the same function added twice is two listeners.
    const entry = { listener };
    const entries = this.#entries.get(event) ?? new Set();
    this.#entries.set(event, entries.add(entry));
    return () => entries.delete(entry);
  }

  emit(event, params) {
    for (const { listener } of [...(this.#entries.get(event) ?? [])]) {
      try {
        listener(params);
      } catch (error) {
        report(error);
      }
    }
  }
}

/** Shows the error as what it is: uncaught by its listener. */
function report(error) {
  if (typeof globalThis.reportError === "function") globalThis.reportError(error);
  else {
    // WebKit before 15.4.
    setTimeout(() => {
      throw error;
    });
  }
}
