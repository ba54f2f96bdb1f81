/** Milliseconds; the backend gives up on its own calls sooner. */
const TIMEOUT = 45_000;

/** What the backend refused, with a stable reason of the same family as the bridge's. */
export class ApiError extends Error {
  constructor(reason, retryAfter) {
    super(`The backend refused: ${reason}`);
    this.reason = reason;
    this.retryAfter = retryAfter;
  }
}

export const get = (path) => call(path, { method: "GET" });

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
    const response = await fetch(path, { ...options, signal: controller.signal });
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
