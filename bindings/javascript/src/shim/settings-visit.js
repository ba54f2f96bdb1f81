/** How long the user may look at the settings, in milliseconds. */
const VISIT_TIMEOUT = 6e5;

/** How long a host has, in milliseconds, to hide the page behind its settings. */
const HIDING_TIMEOUT = 3e3;

/**
 * Shows the host's settings and waits for the user to come back. Where they do not hide the page,
 * the first change of the grants ends the wait, and without one it is short.
 *
 * @param {import("../bridge.js").Bridge} bridge
 * @returns {Promise<void>}
 * @throws {BridgeError} what the host says, and why the bridge has ended
 */
export async function visitSettings(bridge) {
  let timer;
  let isHidden = false;
  const stops = [];
  /** @type {Promise<void>} */
  const back = new Promise((resolve, reject) => {
    const waitAtMost = (timeout) => {
      clearTimeout(timer);
      timer = setTimeout(resolve, timeout);
    };
    const hear = (event, listener) => stops.push(bridge.on(event, listener));
    hear("host.visibilityChanged", ({ visible }) => {
      isHidden = !visible;
      visible ? resolve() : waitAtMost(VISIT_TIMEOUT);
    });
    hear("auth.grantsChanged", () => isHidden || resolve());
    hear("close", reject);
    bridge.openSettings().then(() => isHidden || waitAtMost(HIDING_TIMEOUT), reject);
  });
  try {
    await back;
  } finally {
    clearTimeout(timer);
    for (const stop of stops) stop();
  }
}
