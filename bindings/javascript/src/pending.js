import { BridgeError } from "./errors.js";

/** The longest delay a timer takes; beyond it, timers fire at once. */
const LONGEST = 2 ** 31 - 1;

/**
 * The calls that wait for a reply. Each settles exactly once: by its reply, its time limit, its
 * abort signal, or the end of the bridge, whichever comes first. What comes later finds no call.
 */
export class PendingCalls {
  /** @type {Map<string, { resolve: (value: unknown) => void, reject: (error: BridgeError) => void }>} */
  #calls = new Map();

  /**
   * Opens a call.
   *
   * @param {string} id
   * @param {object} options
   * @param {number} options.timeout milliseconds
   * @param {AbortSignal} [options.signal]
   * @param {(id: string) => void} options.onGivenUp told when the page stops waiting although the
   *   host may still be at work
   * @returns {Promise<unknown>}
   */
  open(id, { timeout, signal, onGivenUp }) {
    if (!(timeout > 0 && timeout <= LONGEST)) {
      const message = `timeout must be more than 0 and at most ${LONGEST} milliseconds.`;
      return Promise.reject(new BridgeError("invalid_request", message));
    }
    if (signal?.aborted) return Promise.reject(aborted(signal));

    return new Promise((resolve, reject) => {
      const close = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
        this.#calls.delete(id);
      };
      const giveUp = (error) => {
        close();
        reject(error);
        onGivenUp(id);
      };
      const onAbort = () => giveUp(aborted(signal));
      const onTimeout = () =>
        giveUp(new BridgeError("timeout", `No reply from the host within ${timeout} ms.`));

      const timer = setTimeout(onTimeout, timeout);
      signal?.addEventListener("abort", onAbort);
      this.#calls.set(id, {
        resolve: (value) => (close(), resolve(value)),
        reject: (error) => (close(), reject(error)),
      });
    });
  }

  /** Settles the call with `id`, if it still waits. */
  resolve(id, value) {
    this.#calls.get(id)?.resolve(value);
  }

  /** Settles the call with `id`, if it still waits. */
  reject(id, error) {
    this.#calls.get(id)?.reject(error);
  }

  /** Settles every call that still waits. */
  rejectAll(error) {
    for (const id of this.ids()) this.reject(id, error);
  }

  /** Whether the call with `id` still waits. */
  isOpen(id) {
    return this.#calls.has(id);
  }

  /** The ids of the calls that still wait. */
  ids() {
    return [...this.#calls.keys()];
  }
}

function aborted(signal) {
  return new BridgeError("aborted", "The page aborted the call.", { cause: signal.reason });
}
