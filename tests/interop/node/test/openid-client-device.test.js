// openid-client with a user who answers elsewhere (RFC 8628). It waits five seconds before it asks.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as oidc from "openid-client";

import { answerInHost, newUser, register } from "../stage/index.js";
import { discover } from "../stage/openid-client.js";

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";

async function begin(scope) {
  const client = await register({ grant_types: [DEVICE, "refresh_token"], token_endpoint_auth_method: "none" });
  const config = await discover(client, "none");
  const device = await oidc.initiateDeviceAuthorization(config, { scope });
  return { client, config, device, user: await newUser() };
}

test("a device waits until its user has approved in the host", { timeout: 60_000 }, async () => {
  const { client, config, device, user } = await begin("openid email");
  const poll = oidc.genericGrantRequest(config, DEVICE, { device_code: device.device_code });
  await assert.rejects(poll, { error: "authorization_pending" });

  const [tokens] = await Promise.all([
    oidc.pollDeviceAuthorizationGrant(config, device),
    answerInHost(client.client_id, device.user_code, "approve", user),
  ]);
  const details = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(details.email, user.email);
  assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token)).access_token);
});

test("a device is told when its user declines in the host", { timeout: 60_000 }, async () => {
  const { client, config, device, user } = await begin("openid");
  await answerInHost(client.client_id, device.user_code, "deny", user);
  await assert.rejects(oidc.pollDeviceAuthorizationGrant(config, device), { error: "access_denied" });
});
