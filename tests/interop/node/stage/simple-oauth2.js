// simple-oauth2, set up with the addresses from the server's metadata: it does not read them itself.

import { endpoint, issuer } from "./index.js";

const path = async (name) => (await endpoint(name)).pathname;

/** What a grant without a browser is made with, for a registered client; `options` are its own. */
export async function settings(client, options = {}) {
  return {
    client: { id: client.client_id, secret: client.client_secret },
    auth: {
      tokenHost: issuer.origin,
      tokenPath: await path("token_endpoint"),
      revokePath: await path("revocation_endpoint"),
    },
    options,
  };
}

/** The same for a grant with a browser. */
export async function settingsWithBrowser(client, options) {
  const { auth, ...rest } = await settings(client, options);
  return { auth: { ...auth, authorizePath: await path("authorization_endpoint") }, ...rest };
}

/** Reads the user's details; the library leaves that to its caller. */
export async function userinfo(accessToken) {
  const authorization = `Bearer ${accessToken.token.access_token}`;
  const response = await fetch(await endpoint("userinfo_endpoint"), { headers: { authorization } });
  return { status: response.status, body: await response.json() };
}
