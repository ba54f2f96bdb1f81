// openid-client, set up from the server's metadata.

import * as oidc from "openid-client";

import { issuer } from "./index.js";

const methods = {
  client_secret_basic: oidc.ClientSecretBasic,
  client_secret_post: oidc.ClientSecretPost,
  none: oidc.None,
};

/**
 * Discovers the server for a registered client. `algorithm` is "oauth2" (RFC 8414) or "oidc".
 *
 * The stage speaks plain HTTP on the loopback interface, which the client has to be told to bear.
 */
export function discover(client, method = "client_secret_basic", algorithm = "oauth2") {
  return oidc.discovery(issuer, client.client_id, {}, methods[method](client.client_secret), {
    algorithm,
    execute: [oidc.allowInsecureRequests],
  });
}
