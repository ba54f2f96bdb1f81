import assert from "node:assert/strict";
import { test } from "node:test";

import { createPkce } from "../src/index.js";
import { mockHost } from "../src/mock/index.js";
import { Refusal } from "../src/mock/refusal.js";
import { installShim } from "../src/shim/index.js";

/** A page with the shim in it, and how often its backend made a challenge. */
function page(mock, more) {
  const target = {};
  const counts = { challenges: 0 };
  const getChallenge = async () => (counts.challenges++, (await createPkce()).codeChallenge);
  installShim({ getChallenge, connection: { transport: mockHost(mock) }, target, ...more });
  return { ...target, counts };
}

/** Calls a function with callbacks, and tells which of them ran with what. */
function told(call, options) {
  return new Promise((resolve) => {
    const heard = [];
    const hear = (name) => (outcome) => heard.push([name, outcome]);
    const complete = (outcome) => resolve([...heard, ["complete", outcome]]);
    call({ ...options, success: hear("success"), fail: hear("fail"), complete });
  });
}

test("a program of my.getAuthCode gets its code and signs in at its backend", async () => {
  const { my } = page();
  // As such programs are written: callbacks, and the code goes to the backend.
  const sent = await new Promise((resolve, reject) => {
    my.getAuthCode({
      scopes: ["auth_user"],
      success: ({ authCode }) => resolve({ url: "/login", data: { authCode } }),
      fail: ({ authErrorScopes }) => reject(new Error(JSON.stringify(authErrorScopes))),
    });
  });
  assert.match(sent.data.authCode, /^mock-code-/);
});

test("my.getAuthCode tells by name what was allowed and what was not", async () => {
  const { my } = page({ answer: { partial: ["openid", "email"] } });
  const [[outcome, result], [, completed]] = await told(my.getAuthCode, { scopes: "USER_EMAIL, USER_NICKNAME" });
  assert.equal(outcome, "success");
  assert.deepEqual(result.authSuccessScopes, ["USER_EMAIL"]);
  assert.deepEqual(result.authErrorScopes, { USER_NICKNAME: "user_denied" });
  assert.deepEqual(completed, result);
});

test("my.getAuthCode fails with a number and a reason for each scope", async () => {
  for (const [mock, scopes, error, reason] of [
    [{ answer: "deny" }, ["auth_user"], 11, "user_denied"],
    [{ answer: "dismiss" }, ["auth_user"], 11, "user_cancelled"],
    [{ scopes: ["openid"] }, ["auth_user"], 4, "scope_not_declared"],
    [{}, "auth_base", 3, "interaction_required"],
  ]) {
    const [[outcome, failure]] = await told(page(mock).my.getAuthCode, { scopes });
    const name = Array.isArray(scopes) ? scopes[0] : scopes;
    assert.deepEqual([outcome, failure.error, failure.authErrorScopes], ["fail", error, { [name]: reason }]);
    assert.equal(typeof failure.errorMessage, "string");
  }
});

test("my.getAuthCode fails where nothing that was asked was allowed, with why for each scope", async () => {
  const { my } = page({ answer: { partial: ["openid"] } });
  const [[outcome, failure], [, completed]] = await told(my.getAuthCode, { scopes: ["auth_user", "USER_EMAIL"] });
  assert.deepEqual([outcome, failure.error], ["fail", 11]);
  assert.deepEqual(failure.authErrorScopes, { auth_user: "user_denied", USER_EMAIL: "user_denied" });
  assert.deepEqual(completed, failure);
});

test("a user who wants no more questions has denied, in the words of either platform", async () => {
  const answer = () => {
    throw new Refusal("cooldown");
  };
  const { my, wx } = page({ answer });
  await assert.rejects(my.getAuthCode({ scopes: "auth_user" }), ({ error }) => error === 11);
  await assert.rejects(wx.authorize({ scope: "scope.userInfo" }), { errMsg: "authorize:fail auth deny" });
});

test("scopes or options that are none fail in the usual way and never throw", async () => {
  const { my, wx } = page({ silent: ["openid"] });
  for (const scopes of [null, 7, {}, [7], [null]]) {
    const [[outcome, failure]] = await told(my.getAuthCode, { scopes });
    assert.deepEqual([outcome, failure.error, failure.authErrorScopes], ["fail", 2, {}]);
  }
  for (const options of [null, undefined]) {
    assert.match((await my.getAuthCode(options)).authCode, /^mock-code-/);
    assert.equal((await wx.login(options)).errMsg, "login:ok");
  }
});

test("auth_base alone never brings a sheet up, and works where the host has a silent tier", async () => {
  const asked = [];
  const answer = ({ scopes }) => (asked.push(scopes), "allow");
  assert.match((await page({ answer, silent: ["openid"] }).my.getAuthCode()).authCode, /^mock-code-/);
  await assert.rejects(page({ answer }).my.getAuthCode(), ({ error }) => error === 3);
  assert.deepEqual(asked, []);
});

test("a program of wx.login logs in silently and checks its session", async () => {
  const { wx } = page({ silent: ["openid"] });
  const { code, errMsg } = await wx.login();
  assert.match(code, /^mock-code-/);
  assert.equal(errMsg, "login:ok");
  await assert.rejects(wx.checkSession(), { errMsg: "checkSession:fail session expired" });
  await wx.authorize({ scope: "scope.userInfo" });
  assert.deepEqual(await wx.checkSession(), { errMsg: "checkSession:ok" });
});

test("wx.login fails where the host has no silent tier", async () => {
  const [[outcome, failure]] = await told(page().wx.login);
  assert.deepEqual([outcome, failure], ["fail", { errMsg: "login:fail interaction_required" }]);
});

test("wx.authorize asks once; what it brings shows in wx.getSetting", async () => {
  let answer = "deny";
  const { wx } = page({ answer: () => answer });
  assert.deepEqual(await wx.getSetting(), { authSetting: {}, errMsg: "getSetting:ok" });
  const [[outcome, failure]] = await told(wx.authorize, { scope: "scope.userInfo" });
  assert.deepEqual([outcome, failure], ["fail", { errMsg: "authorize:fail auth deny" }]);
  assert.deepEqual((await wx.getSetting()).authSetting, { "scope.userInfo": false });
  answer = "allow";
  assert.deepEqual(await wx.authorize({ scope: "scope.userInfo" }), { errMsg: "authorize:ok" });
  assert.deepEqual(await wx.openSetting(), { authSetting: { "scope.userInfo": true }, errMsg: "openSetting:ok" });
});

test("wx.getSetting knows a scope that stands for itself", async () => {
  let answer = "deny";
  const { wx } = page({ answer: () => answer });
  const scope = "scope.record";
  await assert.rejects(wx.authorize({ scope }), { errMsg: "authorize:fail auth deny" });
  assert.deepEqual((await wx.getSetting()).authSetting, { [scope]: false });
  answer = "allow";
  await wx.authorize({ scope });
  assert.deepEqual((await wx.getSetting()).authSetting, { [scope]: true });
});

test("what was refused, then allowed, then taken back, is not told as refused", async () => {
  let answer = "deny";
  const transport = mockHost({ answer: () => answer });
  const { wx } = page({}, { connection: { transport } });
  const scope = "scope.userInfo";
  await assert.rejects(wx.authorize({ scope }), { errMsg: "authorize:fail auth deny" });
  answer = "allow";
  await wx.authorize({ scope });
  transport.send(JSON.stringify({ jsonrpc: "2.0", id: "revoke", method: "auth.revoke" }));
  assert.deepEqual((await wx.getSetting()).authSetting, {});
});

test("wx.openSetting tells what the user did there, once the user is back", async () => {
  const { wx } = page({ settings: { revoke: ["profile"], takes: 20 } });
  await wx.authorize({ scope: "scope.userInfo" });
  await wx.authorize({ scope: "scope.email" });
  assert.deepEqual(await wx.openSetting(), { authSetting: { "scope.email": true }, errMsg: "openSetting:ok" });
});

/** A mock whose settings do what `open` does with the mock, instead of hiding the page. */
function settingsOver(open) {
  const host = mockHost();
  const send = (text) => {
    const { id, method } = JSON.parse(text);
    if (method !== "host.openSettings") return host.send(text);
    deliver(JSON.stringify({ jsonrpc: "2.0", id, result: {} }));
    setTimeout(open, 0, host);
  };
  let deliver;
  const subscribe = (onMessage, onGone) => {
    deliver = onMessage;
    host.leave = onGone;
    return host.subscribe(onMessage);
  };
  return { connection: { transport: { send, subscribe } } };
}

test("wx.openSetting of a host whose settings leave the page visible tells the first change", async () => {
  const revoke = (host) => host.send(JSON.stringify({ jsonrpc: "2.0", id: "r", method: "auth.revoke" }));
  const { wx } = page({}, settingsOver(revoke));
  await wx.authorize({ scope: "scope.userInfo" });
  assert.deepEqual((await wx.openSetting()).authSetting, {});
});

test("wx.openSetting does not wait for ever, and ends with its bridge", async (t) => {
  await assert.rejects(page({}, settingsOver(({ leave }) => leave())).wx.openSetting(), {
    errMsg: "openSetting:fail context_destroyed",
  });

  t.mock.timers.enable({ apis: ["setTimeout"] });
  const settled = new Set();
  const opened = (name, page) => page.wx.openSetting().then(() => settled.add(name));
  const opening = [
    opened("visible", page({}, settingsOver(() => {}))),
    opened("hidden", page({ settings: "stay" })),
  ];
  const drained = () => new Promise((resolve) => setImmediate(resolve));
  await drained();
  t.mock.timers.tick(3000);
  await drained();
  assert.deepEqual([...settled], ["visible"]);
  t.mock.timers.tick(600_000);
  await Promise.all(opening);
});

test("wx.authorize that the user closes, or without a scope, fails in its own words", async () => {
  const { wx } = page({ answer: "dismiss" });
  await assert.rejects(wx.authorize({ scope: "scope.userInfo" }), { errMsg: "authorize:fail cancel" });
  await assert.rejects(wx.authorize(), { errMsg: "authorize:fail parameter error: scope" });
});

test("each code request has a challenge of its own, and the host is connected to once", async () => {
  const { my, wx, counts } = page();
  assert.equal(counts.challenges, 0);
  await my.getAuthCode({ scopes: ["auth_user"] });
  await my.getAuthCode({ scopes: ["auth_user"] });
  await wx.getSetting();
  assert.equal(counts.challenges, 2);
});

test("outside a host every function fails instead of hanging, and a host that comes later is found", async () => {
  const connection = {};
  const { my, wx } = page({}, { connection });
  await assert.rejects(my.getAuthCode(), ({ error, authErrorScopes }) => {
    assert.deepEqual([error, authErrorScopes], [1, { auth_base: "not_in_container" }]);
    return true;
  });
  await assert.rejects(wx.login(), { errMsg: "login:fail not_in_container" });
  connection.transport = mockHost({ silent: ["openid"] });
  assert.equal((await wx.login()).errMsg, "login:ok");
});

test("names of a program's own are mapped, and other members of my and wx stay", async () => {
  const asked = [];
  const answer = ({ scopes }) => (asked.push(scopes), "allow");
  const target = { my: { alert: "kept" }, wx: { request: "kept" } };
  const { my, wx } = page({ answer }, { target, scopes: { MEMBERSHIP: ["openid", "loyalty"] } });
  await target.my.getAuthCode({ scopes: ["MEMBERSHIP", "points"] });
  assert.deepEqual(asked, [["openid", "loyalty", "points"]]);
  assert.deepEqual([target.my.alert, target.wx.request], ["kept", "kept"]);
  assert.deepEqual([my, wx], [undefined, undefined]);
});

test("a fault in one callback is the program's own and keeps no other from running", async () => {
  const uncaught = new Promise((resolve) => process.setUncaughtExceptionCaptureCallback(resolve));
  const completed = new Promise((complete) => {
    page().my.getAuthCode({
      scopes: ["auth_user"],
      success: () => {
        throw new Error("the program's own");
      },
      complete,
    });
  });
  assert.match((await completed).authCode, /^mock-code-/);
  assert.equal((await uncaught).message, "the program's own");
  process.setUncaughtExceptionCaptureCallback(null);
});

test("a backend or a host that never answers is a timeout", async (t) => {
  const never = () => new Promise(() => {});
  const { wx } = page({ silent: ["openid"] }, { getChallenge: never });
  await assert.rejects(wx.login({ timeout: 5 }), { errMsg: "login:fail timeout" });
  const deaf = { transport: { send() {}, subscribe() {} }, timeout: 20 };
  await assert.rejects(page({}, { connection: deaf }).wx.login({ timeout: 5 }), { errMsg: "login:fail timeout" });

  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { my } = page({}, { getChallenge: never });
  const asking = my.getAuthCode({ scopes: "auth_user" });
  t.mock.timers.tick(30_000);
  await assert.rejects(asking, ({ authErrorScopes }) => {
    assert.deepEqual(authErrorScopes, { auth_user: "timeout" });
    return true;
  });
});

test("the time that the backend took is not given to the host once more", async (t) => {
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const timers = t.mock.method(globalThis, "setTimeout");
  const getChallenge = async () => {
    now += 1000;
    return (await createPkce()).codeChallenge;
  };
  await page({ silent: ["openid"] }, { getChallenge }).wx.login({ timeout: 5000 });
  assert.equal(timers.mock.calls.at(-1).arguments[1], 4000);
});

test("after the host has gone the next call connects anew", async () => {
  const host = mockHost({ silent: ["openid"] });
  let leave;
  const subscribe = (onMessage, onGone) => ((leave = onGone), host.subscribe(onMessage));
  const { wx } = page({}, { connection: { transport: { send: host.send, subscribe } } });
  assert.equal((await wx.login()).errMsg, "login:ok");
  leave();
  await null;
  assert.equal((await wx.login()).errMsg, "login:ok");
});
