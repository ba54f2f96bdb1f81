/** What a `User-Agent` is commonly called; the first that fits, since each also names its ancestors. */
const BROWSERS = [
  [/\bEdgA?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bFirefox\/|\bFxiOS\//, "Firefox"],
  [/\b(Headless)?Chrome\/|\bCriOS\//, "Chrome"],
  [/\bSafari\//, "Safari"],
];
const SYSTEMS = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bMacintosh\b/, "macOS"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bLinux\b/, "Linux"],
];

/**
 * A short name of a browser and its system, as far as it says which they are. It is the browser's
 * own word and proves nothing.
 *
 * @param {string | null | undefined} userAgent
 * @returns {string | null}
 */
export function deviceName(userAgent) {
  const named = (names) => names.find(([pattern]) => pattern.test(userAgent ?? ""))?.[1];
  const parts = [named(BROWSERS), named(SYSTEMS)].filter((part) => part !== undefined);
  return parts.length === 2 ? parts.join(" · ") : null;
}
