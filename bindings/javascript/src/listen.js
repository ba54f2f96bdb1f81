/**
 * Listens until the function that it returns is called.
 *
 * @param {{ addEventListener?: Function, removeEventListener?: Function } | undefined} target one that
 *   takes no listeners stays silent
 * @param {string} type
 * @param {(event: any) => void} listener
 * @returns {() => void}
 */
export function listen(target, type, listener) {
  target?.addEventListener?.(type, listener);
  return () => target?.removeEventListener?.(type, listener);
}
