// simple-oauth2 for itself, without a user.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientCredentials } from "simple-oauth2";

import { register } from "../stage/index.js";
import { settings } from "../stage/simple-oauth2.js";

test("a client gets a token for itself", async () => {
  const client = await register({ grant_types: ["client_credentials"], scope: "stock:read stock:write" });
  const grant = new ClientCredentials(await settings(client));
  const tokens = await grant.getToken({ scope: ["stock:read", "stock:write"] });
  assert.equal(tokens.token.scope, "stock:read stock:write");
  assert.equal(tokens.token.refresh_token, undefined);
});
