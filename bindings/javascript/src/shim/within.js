import { BridgeError } from "../errors.js";

/**
 * Waits for something that may never come.
 *
 * @template Result
 * @param {number} timeout milliseconds
 * @param {Promise<Result>} work
 * @returns {Promise<Result>}
 * @throws {BridgeError} `timeout` where it takes longer
 */
export function within(timeout, work) {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(new BridgeError({ reason: "timeout" }));
    // Beyond what a timer can hold it would fire at once.
    const timer = setTimeout(giveUp, Math.min(timeout, 2 ** 31 - 1));
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
