/**
 * Runs `work` and tells its outcome in the way of these platforms: to `success` or `fail`, then to
 * `complete`. Without any of them it gives a promise instead.
 *
 * @template Outcome, Failure
 * @param {{ success?: (outcome: Outcome) => void, fail?: (outcome: Failure) => void,
 *   complete?: (outcome: Outcome | Failure) => void }} callbacks
 * @param {() => Promise<Outcome>} work
 * @param {(error: unknown) => Failure} failure what to tell of an error
 * @returns {Promise<Outcome> | undefined}
 */
export function withCallbacks({ success, fail, complete }, work, failure) {
  const outcome = work().catch((error) => Promise.reject(failure(error)));
  if (!success && !fail && !complete) return outcome;
  // Each in a task of its own, so that a fault in one is the program's own and stops no other.
  const tell = (callback, value) => callback && setTimeout(callback, 0, value);
  outcome.then(
    (value) => (tell(success, value), tell(complete, value)),
    (reason) => (tell(fail, reason), tell(complete, reason)),
  );
  return undefined;
}
