/** Milliseconds; the backend gives up on its own calls sooner. */
const TIMEOUT = 45_000;

/**
 * The id of this page's session where the browser keeps no cookies for it, as for a frame of another
 * site in some: it stays in the page's memory and travels in a header. Null where a cookie carries it,
 * which no script can read.
 */
let session = keepsCookies() ? null : "";

/** What the backend refused, with a stable reason of the same family as the bridge's. */
export class ApiError extends Error {
  constructor(reason, retryAfter) {
    super(`The backend refused: ${reason}`);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export const get = (path) => call(path, { method: "GET", headers: {} });

export const post = (path, body = {}) =>
  call(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

async function call(path, options) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), TIMEOUT);
  try {
    if (session !== null) options.headers.Session = session;
    const response = await fetch(path, { ...options, signal: controller.signal });
    if (session !== null) session = response.headers.get("Session") ?? session;
    const body = await response.json();
    if (response.ok) return body;
    throw new ApiError(body.error?.reason ?? "server_error", body.error?.retryAfter);
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (error instanceof SyntaxError) throw new ApiError("server_error");
    throw new ApiError(controller.signal.aborted ? "timeout" : "network");
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the browser gives back a cookie that it was given. */
function keepsCookies() {
  const probe = "keeps-cookies=yes";
  document.cookie = `${probe}; SameSite=Lax`;
  const isKept = document.cookie.split("; ").includes(probe);
  document.cookie = `${probe}; Max-Age=0`;
  return isKept;
}
