import { randomBytes } from "node:crypto";

/** Milliseconds that a session lives after its last request. */
const IDLE = 12 * 60 * 60 * 1000;
const MOST = 10_000;

/** The most sign-ins that one session may have under way. */
const MOST_ATTEMPTS = 8;

/**
 * The sessions between this backend and its pages, in memory only: with them go verifiers and tokens.
 * A cookie carries the id, or a header where the browser keeps no cookies for the page, as in frames of
 * some: such a page sends `Session`, empty at first, and keeps the id in memory.
 */
export class Sessions {
  #sessions = new Map();
  #cookie;
  #attributes;

  constructor(name, isSecure) {
    // With the prefix no sibling domain can plant the cookie; browsers take it over TLS alone.
    this.#cookie = isSecure ? `__Host-${name}_session` : `${name}_session`;
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
  }

  /** The living session of a request, if it has one. */
  find(request) {
    const id = this.#idOf(request);
    const session = this.#sessions.get(id);
    if (session === undefined) return undefined;
    this.#sessions.delete(id);
    if (Date.now() - session.lastSeen > IDLE) return undefined;
    // The newest last, so that the oldest ends first where there are too many.
    this.#sessions.set(id, session);
    session.lastSeen = Date.now();
    return session;
  }

  /** Begins a session under a new id, which the response tells, and ends the one before. */
  begin(request, response, user = null) {
    this.#sessions.delete(this.#idOf(request));
    const id = randomBytes(32).toString("base64url");
    const session = { user, attempts: new Map(), lastSeen: Date.now() };
    this.#sessions.set(id, session);
    if (this.#sessions.size > MOST) this.#sessions.delete(this.#sessions.keys().next().value);
    this.#tell(request, response, id, "");
    return session;
  }

  end(request, response) {
    this.#sessions.delete(this.#idOf(request));
    this.#tell(request, response, "", "; Max-Age=0");
  }

  #idOf({ headers }) {
    if (headers.session !== undefined) return headers.session;
    const pairs = (headers.cookie ?? "").split("; ").map((pair) => pair.split("="));
    const own = pairs.filter(([name]) => name === this.#cookie);
    // Of two nothing tells which one was set here.
    return own.length === 1 ? own[0][1] : undefined;
  }

  #tell({ headers }, response, id, ending) {
    if (headers.session !== undefined) response.setHeader("Session", id);
    else response.setHeader("Set-Cookie", `${this.#cookie}=${id}; ${this.#attributes}${ending}`);
  }
}

/**
 * Remembers a sign-in that was begun; the oldest is forgotten where there are too many.
 *
 * @param {"host" | "browser"} way where its code will come from
 */
export function remember({ attempts }, attempt, way) {
  attempts.set(attempt.state, { attempt, way });
  if (attempts.size > MOST_ATTEMPTS) attempts.delete(attempts.keys().next().value);
}

/** Takes the sign-in of a state, once, and only where its code was to come from. */
export function take(session, state, way) {
  const begun = session?.attempts.get(state);
  if (begun?.way !== way) return undefined;
  session.attempts.delete(state);
  return begun.attempt;
}
