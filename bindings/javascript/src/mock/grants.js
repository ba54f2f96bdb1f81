/** What the user has granted, and when. */
export class Grants {
  /** @type {Map<string, string>} */
  #grantedAt = new Map();

  add(scopes) {
    const now = new Date().toISOString();
    for (const scope of scopes) this.#grantedAt.set(scope, now);
  }

  /**
   * @param {string[]} [scopes] all when left out
   * @returns {string[]} what was granted and is no more
   */
  remove(scopes = [...this.#grantedAt.keys()]) {
    return scopes.filter((scope) => this.#grantedAt.delete(scope));
  }

  /** Those of these scopes that are granted. */
  among(scopes) {
    return scopes.filter((scope) => this.#grantedAt.has(scope));
  }

  any() {
    return this.#grantedAt.size > 0;
  }

  /** In the form of `auth.getGrants`. */
  list() {
    const grants = [...this.#grantedAt].map(([scope, grantedAt]) => ({ scope, grantedAt }));
    return { grants };
  }
}
