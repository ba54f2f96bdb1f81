// A mini-program that has no backend: it knows its issuer and its own id, and has no secret.
import { createPkce } from "/sdk/pkce.js";

const redirectUri = `${location.origin}/`;
const client = await (await fetch("/client.json")).json();
const metadata = `${client.issuer}/.well-known/oauth-authorization-server`;
const server = await (await fetch(metadata)).json();

const kept = (name) => JSON.parse(sessionStorage.getItem(name) ?? "{}");
const keep = (name, value) => sessionStorage.setItem(name, JSON.stringify(value));

async function signIn() {
  const { codeVerifier, codeChallenge, codeChallengeMethod } = await createPkce();
  const [state, nonce] = [crypto.randomUUID(), crypto.randomUUID()];
  keep("request", { state, nonce, codeVerifier });
  const request = new URLSearchParams({
    response_type: "code",
    client_id: client.id,
    redirect_uri: redirectUri,
    scope: "openid profile email",
    state,
    nonce,
    code_challenge: codeChallenge,
    code_challenge_method: codeChallengeMethod,
  });
  location.assign(`${server.authorization_endpoint}?${request}`);
}

/** Takes what the server sent the browser back with, if it answers this window's request. */
async function comeBack(response) {
  const { state, nonce, codeVerifier } = kept("request");
  sessionStorage.removeItem("request");
  history.replaceState(null, "", "/");
  if (!state || response.get("state") !== state || response.get("iss") !== server.issuer) {
    return say("return", "refused");
  }
  say("return", "accepted");
  const code = response.get("code");
  const answer = await tokens("redeem", {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    code_verifier: codeVerifier,
  });
  say("id-token", "verified", await verified(answer.id_token, nonce));
}

async function tokens(action, form) {
  const response = await post(server.token_endpoint, form);
  const answer = await response.json();
  if (response.ok) {
    keep("before", kept("tokens"));
    keep("tokens", answer);
  }
  const { access_token, refresh_token, id_token, ...rest } = answer;
  say(action, response.status, rest);
  return answer;
}

const refresh = (action, { refresh_token }) =>
  tokens(action, { grant_type: "refresh_token", refresh_token });

async function details(action) {
  const authorization = `Bearer ${kept("tokens").access_token}`;
  const response = await fetch(server.userinfo_endpoint, { headers: { authorization } });
  const challenge = response.headers.get("www-authenticate") ?? undefined;
  say(action, response.status, { ...(await response.json()), challenge });
}

async function revoke(action) {
  const response = await post(server.revocation_endpoint, { token: kept("tokens").refresh_token });
  say(action, response.status);
}

function post(endpoint, form) {
  const body = new URLSearchParams({ ...form, client_id: client.id });
  return fetch(endpoint, { method: "POST", body });
}

/** The claims of an ID token that the server signed for this page and this sign-in. */
async function verified(token, expectedNonce) {
  const [head, body, signature] = token.split(".");
  const { alg, kid } = JSON.parse(atob(base64(head)));
  const { keys } = await (await fetch(server.jwks_uri)).json();
  const jwk = keys.find((key) => key.kid === kid);
  const ecdsa = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("jwk", jwk, ecdsa, false, ["verify"]);
  const signed = new TextEncoder().encode(`${head}.${body}`);
  const bytes = Uint8Array.from(atob(base64(signature)), (character) => character.charCodeAt(0));
  const { iss, aud, nonce, sub } = JSON.parse(atob(base64(body)));
  const isSigned = alg === "ES256" && (await crypto.subtle.verify(ecdsa, key, bytes, signed));
  if (!isSigned || iss !== server.issuer || aud !== client.id || nonce !== expectedNonce) {
    throw new Error("the ID token is not for this sign-in");
  }
  return { alg, sub };
}

const base64 = (text) => text.replaceAll("-", "+").replaceAll("_", "/");

function say(action, outcome, body = null) {
  const line = document.createElement("li");
  line.textContent = `${action} ${outcome} ${JSON.stringify(body)}`;
  document.getElementById("said").append(line);
}

const actions = {
  "sign-in": signIn,
  details,
  refresh: (action) => refresh(action, kept("tokens")),
  replay: (action) => refresh(action, kept("before")),
  revoke,
};

async function attempt(action, work) {
  try {
    await work(action);
  } catch (error) {
    say(action, error.name, error.message);
  }
}

if (location.search) {
  await attempt("return", () => comeBack(new URLSearchParams(location.search)));
}
for (const button of document.querySelectorAll("button")) {
  button.addEventListener("click", () => attempt(button.name, actions[button.name]));
  button.disabled = false;
}
