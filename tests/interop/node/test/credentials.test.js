// Credentials of every character that RFC 6749 appendix A has.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as oidc from "openid-client";
import { ClientCredentials } from "simple-oauth2";

import { register } from "../stage/index.js";
import { discover } from "../stage/openid-client.js";
import { settings } from "../stage/simple-oauth2.js";

const odd = (name) => ({
  client_id: `${name}:1%2B+&=?/"'<>\\~`,
  client_secret: ` :%+&=?/"'<>\\~ a secret: 100%+sure, %41 `,
  grant_types: ["client_credentials"],
  scope: "stock:read",
});

for (const method of ["client_secret_basic", "client_secret_post"]) {
  test(`a2 openid-client sends odd credentials by ${method}`, async () => {
    const config = await discover(await register(odd(`openid-client-${method}`)), method);
    assert.ok((await oidc.clientCredentialsGrant(config)).access_token);
  });
}

for (const authorizationMethod of ["header", "body"]) {
  test(`a2 simple-oauth2 sends odd credentials in the ${authorizationMethod}`, async () => {
    const client = await register(odd(`simple-oauth2-${authorizationMethod}`));
    const grant = new ClientCredentials(await settings(client, { authorizationMethod }));
    assert.ok((await grant.getToken({ scope: "stock:read" })).token.access_token);
  });
}
