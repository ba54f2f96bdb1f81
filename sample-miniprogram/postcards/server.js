/**
 * The backend of the postcard shop. One line of JSON on standard input tells it where it is and who it
 * is as a client; it answers with one line when it listens, and ends with its input.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createInterface } from "node:readline";

import { Accounts } from "./accounts.js";
import { Authorization, Refusal, reasonOf } from "./authorization.js";
import { file, page } from "./files.js";
import { Sessions, remember, take } from "./sessions.js";

const BODY_LIMIT = 16 * 1024;
const SCOPES = ["openid", "profile", "email", "phone"];
const STATUS = { untrusted_origin: 403, not_recognised: 403, user_denied: 403, no_session: 401, login_required: 401 };

const input = createInterface({ input: process.stdin });
input.once("line", (line) => start(JSON.parse(line)));
input.once("close", () => process.exit());

/**
 * @param {object} setting
 * @param {string} setting.issuer the authorization server
 * @param {string} setting.clientId
 * @param {string} setting.clientSecret
 * @param {string[]} setting.hostOrigins the hosts that may show its page
 * @param {string} setting.name under which browsers reach it on this machine
 * @param {number} setting.port 0 takes any free one
 * @param {string} [setting.origin] under which browsers reach it where a proxy before it speaks TLS
 */
function start({ issuer, clientId, clientSecret, hostOrigins, name, port: wanted, origin: atProxy }) {
  const server = createServer();
  server.listen(wanted, "127.0.0.1", () => {
    const { port } = server.address();
    const origin = atProxy ?? `http://${name}:${port}`;
    const redirectUri = `${origin}/callback`;
    const authorization = new Authorization({ issuer, clientId, clientSecret, redirectUri, scopes: SCOPES });
    server.on("request", program({ origin, authorization, hostOrigins }));
    const manifest = readFileSync(new URL("manifest.json", import.meta.url), "utf8").replaceAll("{origin}", origin);
    console.log(JSON.stringify({ origin, port, redirectUri, manifest: JSON.parse(manifest) }));
  });
}

function program({ origin, authorization, hostOrigins }) {
  const accounts = new Accounts();
  const sessions = new Sessions("postcards", origin.startsWith("https:"));

  const routes = {
    "GET /": (request, response) => html(response, page(hostOrigins)),

    "GET /api/session": (request) => ({ signedIn: Boolean(sessions.find(request)?.user) }),

    async "GET /api/account"(request, response) {
      const { signIns } = accounts.of(signedIn(request).openId);
      const { details } = await detailsOf(request, response);
      return { user: described(details), signIns };
    },

    async "POST /api/sign-in/start"(request, response) {
      const session = sessions.find(request) ?? sessions.begin(request, response);
      const { attempt, asked } = await authorization.newAttempt();
      remember(session, attempt, "host");
      return asked;
    },

    async "POST /api/sign-in/finish"(request, response, { code, state, iss }) {
      return signIn(request, response, { code, state, iss }, "host");
    },

    async "POST /api/details"(request, response) {
      const { details, refreshed } = await detailsOf(request, response);
      return { user: described(details), refreshed };
    },

    async "POST /api/sign-out"(request, response) {
      const user = sessions.find(request)?.user;
      sessions.end(request, response);
      // Where the server cannot be told, the tokens are forgotten here all the same.
      if (user) await authorization.revoke(user).catch((error) => console.error(error.name, error.code ?? ""));
      return {};
    },

    "GET /api/cards": (request) => ({ cards: accounts.of(signedIn(request).openId).cards }),

    "POST /api/cards"(request, response, body) {
      const card = accounts.send(signedIn(request).openId, body);
      if (card === undefined) throw new Refusal("invalid_request");
      return { card };
    },

    // Outside a host the authorization server's own pages sign the user in.
    "GET /sign-in": (request, response) =>
      orBack(response, async () => {
        const session = sessions.find(request) ?? sessions.begin(request, response);
        const { attempt, asked } = await authorization.newAttempt();
        remember(session, attempt, "browser");
        redirect(response, await authorization.authorizationUrl(asked));
      }),

    "GET /callback": (request, response) =>
      orBack(response, async () => {
        const answer = Object.fromEntries(new URL(request.url, origin).searchParams);
        await signIn(request, response, answer, "browser");
        redirect(response, "/");
      }),
  };

  async function signIn(request, response, answer, way) {
    const attempt = take(sessions.find(request), answer.state, way);
    if (attempt === undefined) throw new Refusal("state_mismatch");
    const user = await authorization.redeem(answer, attempt);
    const { details } = await authorization.details(user);
    const { signIns } = accounts.signIn(user.openId);
    sessions.begin(request, response, user);
    return { user: described(details), signIns };
  }

  /** The signed-in user's details; a session whose tokens are good no more is ended. */
  async function detailsOf(request, response) {
    try {
      return await authorization.details(signedIn(request));
    } catch (error) {
      if (reasonOf(error) === "login_required") sessions.end(request, response);
      throw error;
    }
  }

  function signedIn(request) {
    const user = sessions.find(request)?.user;
    if (!user) throw new Refusal("login_required");
    return user;
  }

  async function answer(request, response) {
    const { pathname } = new URL(request.url, origin);
    const route = routes[`${request.method} ${pathname}`];
    const found = route === undefined && request.method === "GET" ? file(pathname) : undefined;
    if (found !== undefined) return text(response, 200, found.type, found.text, "no-cache");
    if (route === undefined) return text(response, 404, "text/plain", "There is nothing here.");
    const body = request.method === "POST" ? await fromPage(request, origin) : undefined;
    const result = await route(request, response, body);
    if (result !== undefined) json(response, 200, result);
  }

  return (request, response) => {
    protect(response, hostOrigins);
    if (request.headers.host !== new URL(origin).host) return text(response, 421, "text/plain", "");
    answer(request, response).catch((error) => {
      const reason = reasonOf(error);
      // Errors of others may quote what they were sent: only what they are is told.
      if (reason === "internal" || reason === "server_error") console.error(error.name, error.code ?? "");
      json(response, STATUS[reason] ?? (reason === "internal" ? 500 : 400), { error: { reason } });
    });
  };
}

/** What goes wrong while a browser is on its way is told by the page that it comes back to. */
async function orBack(response, work) {
  try {
    await work();
  } catch (error) {
    redirect(response, `/?${new URLSearchParams({ error: reasonOf(error) })}`);
  }
}

/**
 * The JSON body of a request that this program's own page made: a browser says so with each that
 * changes something, and no form of another site can send JSON.
 */
async function fromPage(request, origin) {
  if (request.headers.origin !== origin) throw new Refusal("untrusted_origin");
  if (request.headers["content-type"] !== "application/json") throw new Refusal("invalid_request");
  let body = "";
  for await (const part of request.setEncoding("utf8")) {
    body += part;
    if (body.length > BODY_LIMIT) throw new Refusal("invalid_request");
  }
  try {
    return Object(JSON.parse(body));
  } catch {
    throw new Refusal("invalid_request");
  }
}

/** What the page shows of a user; null for what they do not share. */
function described({ open_id: id, sub, preferred_username: username, email, email_verified: verified, phone_number: phone }) {
  return {
    id: id ?? sub,
    username: username ?? null,
    email: email ?? null,
    emailVerified: verified === true,
    phone: phone ?? null,
  };
}

function protect(response, hostOrigins) {
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    `form-action 'none'; base-uri 'none'; frame-ancestors ${hostOrigins.join(" ")}`;
  response.setHeader("Content-Security-Policy", policy);
  response.setHeader("X-Content-Type-Options", "nosniff");
  response.setHeader("Referrer-Policy", "same-origin");
}

function text(response, status, type, content, cache = "no-store") {
  response.writeHead(status, { "Content-Type": `${type}; charset=utf-8`, "Cache-Control": cache }).end(content);
}

const html = (response, content) => text(response, 200, "text/html", content, "no-cache");
const json = (response, status, value) => text(response, status, "application/json", JSON.stringify(value));
const redirect = (response, to) => void response.writeHead(303, { Location: String(to), "Cache-Control": "no-store" }).end();
