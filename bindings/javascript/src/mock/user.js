import { Refusal } from "./refusal.js";

/**
 * What the user does with a consent sheet: allows or denies it, closes it, never answers, allows
 * some of the scopes, or takes milliseconds before doing something else.
 *
 * @typedef {"allow" | "deny" | "dismiss" | "hang" | { partial: string[] }
 *   | { slow: number, then?: Answer }} Answer
 */

/**
 * Plays one answer.
 *
 * @param {Answer} answer
 * @param {string[]} scopes what is asked for
 * @param {AbortSignal} signal the page gives the request up
 * @returns {Promise<string[]>} the scopes that were allowed
 * @throws {Refusal} `user_denied`, `user_cancelled`, or `aborted`
 */
export async function ask(answer, scopes, signal) {
  if (signal.aborted) throw new Refusal("aborted");
  if (answer === "allow") return scopes;
  if (answer === "deny") throw new Refusal("user_denied");
  if (answer === "dismiss") throw new Refusal("user_cancelled");
  if (answer === "hang") await pause(undefined, signal);
  if (typeof answer === "object" && "partial" in answer) {
    const allowed = scopes.filter((scope) => answer.partial.includes(scope));
    if (allowed.length === 0) throw new Refusal("user_denied");
    return allowed;
  }
  if (typeof answer === "object" && "slow" in answer) {
    await pause(answer.slow, signal);
    return ask(answer.then ?? "allow", scopes, signal);
  }
  throw new Error(`no answer: ${JSON.stringify(answer)}`);
}

/**
 * Waits, for ever without a time, until the request is given up.
 *
 * @param {number | undefined} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      clearTimeout(timer);
      reject(new Refusal("aborted"));
    };
    const done = () => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    };
    const timer = milliseconds === undefined ? undefined : setTimeout(done, milliseconds);
    signal.addEventListener("abort", onAbort);
  });
}
