// oidc-provider with a host, a mini-program and users, and a route at which the host asks for codes. Its
// setting comes as JSON in the first argument; one JSON line on standard output says where it listens and
// what the host's tokens of its users are. It ends with its standard input.

import { createRequire } from "node:module";
import { generateKeyPairSync } from "node:crypto";
import Provider from "oidc-provider";
import MemoryAdapter from "oidc-provider/lib/adapters/memory_adapter.js";
import LRU from "oidc-provider/lib/helpers/lru.js";

const setting = JSON.parse(process.argv[2]);
const { version } = createRequire(import.meta.url)("oidc-provider/package.json");

// The stock store forgets after some 6,000 codes, each of which takes three entries.
const store = new LRU({ maxSize: 300_000 });

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

const client = ({ id, secret }, more) => ({
  client_id: id,
  client_secret: secret,
  token_endpoint_auth_method: "client_secret_basic",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
  id_token_signed_response_alg: "ES256",
  ...more,
});

const claims = (name) => ({
  sub: name,
  preferred_username: name,
  email: `${name}@example.com`,
  email_verified: true,
  phone_number: "+1 555 0100",
});

// The issuer is only a name here: nobody fetches anything from it.
const provider = new Provider("http://127.0.0.1", {
  adapter: (model) => new MemoryAdapter(model, store),
  clients: [
    client(setting.host, { redirect_uris: ["https://host.example/callback"] }),
    client(setting.program, { redirect_uris: [setting.redirectUri] }),
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig" }] },
  cookies: { keys: ["of a benchmark"] },
  scopes: ["openid", "mediate"],
  claims: {
    openid: ["sub"],
    profile: ["preferred_username"],
    email: ["email", "email_verified"],
    phone: ["phone_number"],
  },
  features: { devInteractions: { enabled: false } },
  findAccount: (_ctx, id) => ({ accountId: id, claims: () => claims(id) }),
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  pkce: { required: () => true },
  clockTolerance: 0,
  routes: { userinfo: "/userinfo" },
  ttl: { AccessToken: 3600, AuthorizationCode: 60, Grant: 3600, IdToken: 3600, RefreshToken: 3600 },
});

async function grantFor(clientId, accountId, scope) {
  const grant = new provider.Grant({ clientId, accountId });
  grant.addOIDCScope(scope);
  return grant.save();
}

async function subjectToken(accountId) {
  const scope = "openid profile email phone mediate";
  const client = await provider.Client.find(setting.host.id);
  const grantId = await grantFor(setting.host.id, accountId, scope);
  return new provider.AccessToken({ accountId, client, grantId, scope }).save();
}

async function form(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

function basic(header) {
  const [scheme, encoded] = (header ?? "").split(" ");
  if (scheme !== "Basic" || !encoded) {
    return [];
  }
  const pair = Buffer.from(encoded, "base64").toString();
  const colon = pair.indexOf(":");
  const decoded = (text) => decodeURIComponent(text.replaceAll("+", " "));
  return [decoded(pair.slice(0, colon)), decoded(pair.slice(colon + 1))];
}

// What a host's code request needs and no more, so that the comparison does not flatter the other side.
async function answerChallenge(ctx) {
  const refuse = (status, error) => {
    ctx.status = status;
    ctx.body = { error };
  };
  const [id, secret] = basic(ctx.get("authorization"));
  const host = id === setting.host.id ? await provider.Client.find(id) : undefined;
  if (!host || !host.compareClientSecret(secret)) {
    return refuse(401, "invalid_client");
  }
  const asked = await form(ctx.req);
  const target = await provider.Client.find(asked.get("target_client_id") ?? "");
  if (!target || asked.get("response_type") !== "code") {
    return refuse(400, "invalid_request");
  }
  const redirectUri = asked.get("redirect_uri");
  const codeChallenge = asked.get("code_challenge");
  if (!target.redirectUriAllowed(redirectUri) || asked.get("code_challenge_method") !== "S256") {
    return refuse(400, "invalid_request");
  }
  const subject = await provider.AccessToken.find(asked.get("subject_token") ?? "");
  if (subject?.clientId !== host.clientId || !subject.scopes.has("mediate")) {
    return refuse(403, "insufficient_authorization");
  }
  const scope = asked.get("scope");
  const code = new provider.AuthorizationCode({
    accountId: subject.accountId,
    authTime: subject.iat,
    claims: {},
    client: target,
    codeChallenge,
    codeChallengeMethod: "S256",
    grantId: await grantFor(target.clientId, subject.accountId, scope),
    gty: "authorization_code",
    redirectUri,
    scope,
  });
  ctx.set("cache-control", "no-store");
  ctx.body = {
    authorization_code: await code.save(),
    client_id: target.clientId,
    expires_in: 60,
    scope,
  };
}

provider.use((ctx, next) =>
  ctx.method === "POST" && ctx.path === "/challenge" ? answerChallenge(ctx) : next(),
);

const server = provider.listen(0, "127.0.0.1", async () => {
  const subjectTokens = await Promise.all(setting.users.map(subjectToken));
  const ready = { version, port: server.address().port, subjectTokens };
  process.stdout.write(`${JSON.stringify(ready)}\n`);
});
// The load generator keeps its connections while it talks to the other side.
server.keepAliveTimeout = 600_000;
process.stdin.resume().on("end", () => process.exit());
