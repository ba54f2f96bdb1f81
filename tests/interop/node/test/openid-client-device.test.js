// openid-client with a user who answers elsewhere (RFC 8628). It waits five seconds before it asks.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as oidc from "openid-client";

import { answerInHost, newUser, register, visit } from "../stage/index.js";
import { discover } from "../stage/openid-client.js";

const DEVICE = "urn:ietf:params:oauth:grant-type:device_code";

async function begin(scope) {
  const client = await register({ grant_types: [DEVICE, "refresh_token"], token_endpoint_auth_method: "none" });
  const config = await discover(client, "none");
  const device = await oidc.initiateDeviceAuthorization(config, { scope });
  return { client, config, device, user: await newUser() };
}

/** Where the user answers: in the host app, or on the server's page in a browser. */
const places = {
  "in the host": ({ client, device, user }, decision) =>
    answerInHost(client.client_id, device.user_code, decision, user),
  "on the page": ({ device, user }, decision) =>
    visit(device.verification_uri_complete, user, { decision: decision === "approve" ? "allow_all" : "deny" }),
};

describe("a device", { concurrency: true }, () => {
  for (const [place, answer] of Object.entries(places)) {
    test(`waits until its user has approved ${place}`, { timeout: 60_000 }, async () => {
      const play = await begin("openid email");
      const { config, device, user } = play;
      const poll = oidc.genericGrantRequest(config, DEVICE, { device_code: device.device_code });
      await assert.rejects(poll, { error: "authorization_pending" });

      const [tokens] = await Promise.all([
        oidc.pollDeviceAuthorizationGrant(config, device),
        answer(play, "approve"),
      ]);
      const details = await oidc.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
      assert.equal(details.email, user.email);
      assert.ok((await oidc.refreshTokenGrant(config, tokens.refresh_token)).access_token);
    });

    test(`is told when its user declines ${place}`, { timeout: 60_000 }, async () => {
      const play = await begin("openid");
      await answer(play, "deny");
      const poll = oidc.pollDeviceAuthorizationGrant(play.config, play.device);
      await assert.rejects(poll, { error: "access_denied" });
    });
  }
});
