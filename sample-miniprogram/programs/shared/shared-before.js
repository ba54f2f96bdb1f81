const KEY = "shared-before";

/**
 * The scopes that the last sign-in in this browser was granted. Only what to ask the host for:
 * whether its user grants them still, the host tells.
 *
 * @returns {string[]}
 */
export function sharedBefore() {
  try {
    const scopes = JSON.parse(localStorage.getItem(KEY));
    return Array.isArray(scopes) ? scopes.filter((scope) => typeof scope === "string") : [];
  } catch {
    // A browser may keep a frame from its storage.
    return [];
  }
}

/** @param {string[]} scopes */
export function keepShared(scopes) {
  try {
    localStorage.setItem(KEY, JSON.stringify(scopes));
  } catch {
    // Then the next sign-in asks for everything, as the first one did.
  }
}
