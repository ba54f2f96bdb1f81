const ES256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

/** Seconds by which clocks may differ. */
const SKEW = 60;

/**
 * The claims of an ID token (OpenID Connect Core §3.1.3.7) that the server signed for this client and
 * this request. The algorithm is the one that the client is registered with, whatever the token says.
 *
 * @param {string} token
 * @param {string} keysAddress the server's `jwks_uri`
 * @param {{ iss: string, aud: string, nonce: string }} expected
 * @throws {Error} for a token that is not for this sign-in
 */
export async function verifiedClaims(token, keysAddress, expected) {
  const [head, body, signature] = token.split(".");
  const { alg, kid } = JSON.parse(text(head));
  const { keys } = await (await fetch(keysAddress)).json();
  const jwk = keys.find((key) => key.kid === kid);
  if (alg !== "ES256" || jwk === undefined) throw new Error("the ID token's key is not the server's");
  const key = await crypto.subtle.importKey("jwk", jwk, ES256, false, ["verify"]);
  const signed = new TextEncoder().encode(`${head}.${body}`);
  if (!(await crypto.subtle.verify(ES256, key, bytes(signature), signed))) {
    throw new Error("the ID token's signature is not the server's");
  }
  const claims = JSON.parse(text(body));
  const isExpected = claims.iss === expected.iss && claims.nonce === expected.nonce && isMeantFor(expected.aud, claims);
  const isAlive = typeof claims.exp === "number" && claims.exp + SKEW > Date.now() / 1000;
  if (!isExpected || !isAlive) throw new Error("the ID token is not for this sign-in");
  if (typeof claims.sub !== "string" || claims.sub === "") throw new Error("the ID token names no user");
  return claims;
}

/** Whether a client is the audience. Where there are several, the token must say which of them asked for it. */
function isMeantFor(client, { aud, azp }) {
  const audiences = [aud].flat();
  return audiences.includes(client) && (azp === client || (azp === undefined && audiences.length === 1));
}

function bytes(base64url) {
  const base64 = base64url.replaceAll("-", "+").replaceAll("_", "/");
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

const text = (base64url) => new TextDecoder().decode(bytes(base64url));
