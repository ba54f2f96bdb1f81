// simple-oauth2 with the resource owner's password.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ResourceOwnerPassword } from "simple-oauth2";

import { newUser, register } from "../stage/index.js";
import { settings, userinfo } from "../stage/simple-oauth2.js";

for (const authorizationMethod of ["header", "body"]) {
  test(`a password gives tokens that are refreshed and revoked, with the secret in the ${authorizationMethod}`, async () => {
    const { username, password } = await newUser();
    const client = await register({ grant_types: ["password", "refresh_token"] });
    const grant = new ResourceOwnerPassword(await settings(client, { authorizationMethod }));
    const tokens = await grant.getToken({ username, password, scope: ["openid", "profile"] });
    assert.equal(tokens.expired(), false);
    assert.equal((await userinfo(tokens)).body.preferred_username, username);

    const refreshed = await tokens.refresh();
    assert.notEqual(refreshed.token.access_token, tokens.token.access_token);
    assert.equal((await userinfo(refreshed)).status, 200);
    await refreshed.revokeAll();
    assert.equal((await userinfo(refreshed)).status, 401);
    await assert.rejects(refreshed.refresh(), (error) => error.data.payload.error === "invalid_grant");
  });
}

test("a wrong password is an error of RFC 6749", async () => {
  const { username } = await newUser();
  const client = await register({ grant_types: ["password"] });
  const grant = new ResourceOwnerPassword(await settings(client));
  await assert.rejects(grant.getToken({ username, password: "wrong" }), (error) => {
    assert.equal(error.output.statusCode, 400);
    assert.equal(error.data.payload.error, "invalid_grant");
    return true;
  });
});
