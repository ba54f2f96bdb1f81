import assert from "node:assert/strict";
import { test } from "node:test";

import { Stage } from "./support.js";

const refused = (reason) => ({ error: { reason } });

test("a code that the host brings becomes a session and the user's details", async () => {
  const stage = await Stage.start();
  const { status, user } = await stage.signIn();
  assert.deepEqual([status, user.id], [200, "alice"]);
  assert.equal((await stage.json("GET", "/api/account")).user.id, "alice");
  assert.equal((await stage.json("POST", "/api/details", {})).refreshed, false);
});

test("an answer without an issuer is taken only of a server that names none", async () => {
  const stage = await Stage.start();
  const { iss: _, ...answer } = await stage.begin();
  assert.equal((await stage.finish(answer)).status, 200);

  const strict = await Stage.start();
  strict.server.metadata = { authorization_response_iss_parameter_supported: true };
  const { iss, ...without } = await strict.begin();
  assert.deepEqual(await strict.finish(without), { status: 400, ...refused("server_error") });
  assert.equal(strict.server.asked["/token"], 0);
  assert.equal((await strict.finish({ ...(await strict.begin()), iss })).status, 200);
});

test("an answer is taken only on the way by which it was asked for", async () => {
  const stage = await Stage.start();
  const forHost = await stage.begin();
  const back = await stage.ask("GET", `/callback?${new URLSearchParams(forHost)}`);
  assert.equal(back.headers.location, "/?error=state_mismatch");
  assert.equal((await stage.finish(forHost)).status, 200, "it is still the host's to answer");

  const forBrowser = await stage.beginInBrowser();
  assert.deepEqual(await stage.finish(forBrowser), { status: 400, ...refused("state_mismatch") });
  const { headers } = await stage.ask("GET", `/callback?${new URLSearchParams(forBrowser)}`);
  assert.equal(headers.location, "/");
});

test("an answer is taken once", async () => {
  const stage = await Stage.start();
  const answer = await stage.begin();
  assert.equal((await stage.finish(answer)).status, 200);
  assert.deepEqual(await stage.finish(answer), { status: 400, ...refused("state_mismatch") });
});

for (const [method, path] of [["GET", "/api/account"], ["POST", "/api/details"]]) {
  test(`where the refresh token is refused, ${path} ends the session`, async () => {
    const stage = await Stage.start();
    await stage.signIn();
    stage.server.expire();
    stage.server.refusesRefresh = true;
    const body = method === "POST" ? {} : undefined;
    assert.deepEqual(await stage.json(method, path, body), { status: 401, ...refused("login_required") });
    assert.equal((await stage.json("GET", "/api/session")).signedIn, false);
  });
}

test("without a refresh token the end of the access token is the end of the session", async () => {
  const stage = await Stage.start();
  stage.server.tokens = { refresh_token: undefined };
  await stage.signIn();
  stage.server.expire();
  assert.deepEqual(await stage.json("POST", "/api/details", {}), { status: 401, ...refused("login_required") });
  assert.equal((await stage.json("GET", "/api/session")).signedIn, false);
  assert.equal(stage.server.asked["/token"], 1);

  await stage.signIn();
  await stage.json("POST", "/api/sign-out", {});
  assert.deepEqual(stage.server.revoked, ["access-2"]);
});

test("whoever hears late that the access token has expired does not renew it again", async () => {
  const stage = await Stage.start();
  const { server } = stage;
  await stage.signIn();
  server.expire();
  const next = server.hold("/userinfo");
  const both = [stage.json("POST", "/api/details", {}), stage.json("POST", "/api/details", {})];
  const [letEarly, letLate] = [await next(), await next()];
  server.release("/userinfo");
  letEarly();
  await Promise.race(both);
  letLate();
  for (const { refreshed } of await Promise.all(both)) assert.equal(refreshed, true);
  assert.equal(server.asked["/token"], 2);
});

test("behind a proxy that speaks TLS its cookie is one that no sibling domain can plant", async () => {
  const stage = await Stage.start({ origin: "https://postcards.example" });
  const { status, headers } = await stage.ask("POST", "/api/sign-in/start", {}, {});
  assert.equal(status, 200);
  assert.match(headers["set-cookie"][0], /^__Host-postcards_session=.+; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
  const plain = await (await Stage.start()).ask("POST", "/api/sign-in/start", {}, {});
  assert.match(plain.headers["set-cookie"][0], /^postcards_session=.+; SameSite=Lax$/);
});

test("users are served the bridge, and nothing that is beside it", async () => {
  const stage = await Stage.start();
  for (const path of ["/minihost/index.js", "/minihost/transports/frame.js", "/shared/account.js", "/app.js"]) {
    assert.equal((await stage.ask("GET", path)).status, 200, path);
  }
  for (const path of ["/minihost/mock/index.js", "/minihost/mock/host.js", "/minihost/shim/index.js", "/server.js"]) {
    assert.equal((await stage.ask("GET", path)).status, 404, path);
  }
});
