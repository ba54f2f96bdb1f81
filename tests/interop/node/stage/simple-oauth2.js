// simple-oauth2, set up with the addresses from the server's metadata: it does not read them itself.

import { endpoint, issuer } from "./index.js";

/** What its grants are made with, for a registered client; `options` are its own. */
export async function settings(client, options = {}) {
  return {
    client: { id: client.client_id, secret: client.client_secret },
    auth: { tokenHost: issuer.origin, tokenPath: (await endpoint("token_endpoint")).pathname },
    options,
  };
}

/** Reads the user's details; the library leaves that to its caller. */
export async function userinfo(accessToken) {
  const authorization = `Bearer ${accessToken.token.access_token}`;
  const response = await fetch(await endpoint("userinfo_endpoint"), { headers: { authorization } });
  return { status: response.status, body: await response.json() };
}
