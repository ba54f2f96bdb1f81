/**
 * What the user does in the host's settings of this program: takes grants back, and comes back to
 * the page after some milliseconds, at once, or never.
 *
 * @typedef {{ revoke?: string[], takes?: number } | "stay"} SettingsVisit
 */

/**
 * Plays one visit, beginning with the settings on screen.
 *
 * @param {SettingsVisit} visit
 * @param {{ revoke: (scopes: string[]) => void, show: (visible: boolean) => void }} host
 */
export function visitSettings(visit, { revoke, show }) {
  show(false);
  if (visit === "stay") return;
  const { revoke: ended = [], takes = 0 } = visit;
  setTimeout(() => {
    revoke(ended);
    show(true);
  }, takes);
}
