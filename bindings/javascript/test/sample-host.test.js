import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

import { connect, createPkce } from "../src/index.js";
import { mockHost, sampleHostCodes } from "../src/mock/index.js";

/** The built sample host, where the caller has one; `cargo xtask test javascript` does. */
const program = process.env.MINIHOST_SAMPLE_HOST;
const skip = program ? false : "MINIHOST_SAMPLE_HOST names no sample host";

let child;
let directory;
let ready;

before(async () => {
  if (skip) return;
  directory = mkdtempSync(join(tmpdir(), "minihost-bridge-"));
  const options = ["--no-open", "--json", "--port", "0", "--data-dir", directory];
  child = spawn(program, options, { stdio: ["ignore", "pipe", "ignore"] });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  ready = JSON.parse(line);
});

after(async () => {
  if (!child) return;
  child.kill("SIGINT");
  await once(child, "exit");
  rmSync(directory, { recursive: true });
});

test("a mock with the codes of a sample host gives one that its program can redeem", { skip }, async () => {
  const { clientId, clientSecret, redirectUri } = ready.miniPrograms[0];
  const codes = sampleHostCodes(ready, { username: "bob", clientId });
  const bridge = await connect({ transport: mockHost({ codes }) });
  const { codeVerifier, codeChallenge } = await createPkce();
  const issued = await bridge.requestCode({ scopes: ["openid", "email"], codeChallenge, state: "s" });
  assert.deepEqual([issued.clientId, issued.redirectUri, issued.iss], [clientId, redirectUri, ready.authorizationServer]);

  const redeemed = await fetch(`${ready.authorizationServer}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: issued.code,
      redirect_uri: issued.redirectUri,
      code_verifier: codeVerifier,
      client_id: clientId,
      client_secret: clientSecret,
    }),
  });
  const { access_token: token } = await redeemed.json();
  const details = await fetch(`${ready.authorizationServer}/userinfo`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal((await details.json()).email, "bob@harbour.example");
});

test("a user or program that the sample host does not have is named at once", { skip }, () => {
  assert.throws(() => sampleHostCodes(ready, { username: "nobody" }), /no such user/);
  assert.throws(() => sampleHostCodes(ready, { clientId: "nobody" }), /no such user or mini-program/);
});
