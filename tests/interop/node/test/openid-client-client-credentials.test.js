// openid-client for itself, without a user.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as oidc from "openid-client";

import { register } from "../stage/index.js";
import { discover } from "../stage/openid-client.js";

test("a client gets a token for itself, and no refresh token", async () => {
  const client = await register({ grant_types: ["client_credentials"], scope: "stock:read stock:write" });
  const config = await discover(client);
  const tokens = await oidc.clientCredentialsGrant(config, { scope: "stock:read" });
  assert.equal(tokens.scope, "stock:read");
  assert.equal(tokens.refresh_token, undefined);
  await assert.rejects(oidc.clientCredentialsGrant(config, { scope: "email" }), { error: "invalid_scope" });
});

test("a client that is not registered for what another may do gets no token for itself", async () => {
  await register({ grant_types: ["client_credentials"], scope: "stock:read" });
  const config = await discover(await register());
  await assert.rejects(oidc.clientCredentialsGrant(config), { error: "unauthorized_client" });
});
