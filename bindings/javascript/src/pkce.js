import { BridgeError } from "./errors.js";

/** @typedef {{ codeVerifier: string, codeChallenge: string, codeChallengeMethod: "S256" }} Pkce */

/**
 * Makes a PKCE pair (RFC 7636) for a program that has no backend. A program with a backend makes
 * the pair there and hands only the challenge to its page.
 *
 * The verifier must never be given to `requestCode` or leave the page except to the token endpoint.
 *
 * @returns {Promise<Pkce>}
 * @throws {BridgeError} `internal` where the page is not a secure context
 */
export async function createPkce() {
  const { crypto } = globalThis;
  if (!crypto?.subtle) {
    throw new BridgeError({ message: "PKCE needs a secure context: HTTPS, or loopback" });
  }
  const codeVerifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier));
  return Object.freeze({
    codeVerifier,
    codeChallenge: base64url(new Uint8Array(digest)),
    codeChallengeMethod: "S256",
  });
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
