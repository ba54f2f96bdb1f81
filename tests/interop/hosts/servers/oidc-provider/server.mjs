// oidc-provider on the loopback interface with a host, a mini-program and a user. Its authorization endpoint
// asks whom it has before it by an interaction, which a host answers with its user's token; beside it stands
// an authorization challenge endpoint. One JSON line on standard output says what a settings file has to know. It ends
// with its standard input.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import Provider, { errors } from "oidc-provider";

const REDIRECT_URI = "https://program.example/callback";
const secret = () => randomBytes(24).toString("base64url");
const password = secret();
const hostSecret = secret();
const programSecret = secret();
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const client = (id, client_secret, more) => ({
  client_id: id,
  client_secret,
  token_endpoint_auth_method: "client_secret_basic",
  response_types: ["code"],
  id_token_signed_response_alg: "ES256",
  ...more,
});

const provider = new Provider(issuer, {
  clients: [
    client("host", hostSecret, {
      grant_types: ["password", "refresh_token", "authorization_code"],
      redirect_uris: ["https://host.example/callback"],
      scope: "openid profile email mediate",
    }),
    client("program", programSecret, {
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [REDIRECT_URI],
      scope: "openid profile email",
    }),
  ],
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), alg: "ES256", use: "sig" }] },
  cookies: { keys: [secret()] },
  scopes: ["openid", "profile", "email", "phone", "mediate"],
  claims: {
    openid: ["sub"],
    profile: ["preferred_username"],
    email: ["email", "email_verified"],
  },
  features: {
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  discovery: {
    authorization_challenge_endpoint: `${issuer}/challenge`,
    grant_management_endpoint: `${issuer}/grants`,
    host_mediation_supported: true,
  },
  findAccount: (_ctx, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      preferred_username: id,
      email: `${id}@mail.example`,
      email_verified: true,
    }),
  }),
  interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
  issueRefreshToken: () => true,
  rotateRefreshToken: true,
  pkce: { required: () => true },
  // Otherwise a token of four seconds outlives its expiry.
  clockTolerance: 0,
  ttl: {
    AccessToken: (_ctx, token) => (token.clientId === "program" ? 4 : 3600),
    AuthorizationCode: 60,
    Grant: 3600,
    IdToken: 3600,
    Interaction: 60,
    RefreshToken: 3600,
    Session: 3600,
  },
});

async function grantFor(clientId, accountId, scope) {
  const grant = new provider.Grant({ clientId, accountId });
  grant.addOIDCScope(scope);
  return grant.save();
}

// The host signs its user in with a password (RFC 6749 §4.3).
provider.registerGrantType(
  "password",
  async (ctx) => {
    const { client } = ctx.oidc;
    const { username, password: given, scope = "openid" } = ctx.oidc.params;
    if (username !== "alice" || given !== password) {
      throw new errors.InvalidGrant("username or password is wrong");
    }
    const granted = scope.split(" ").filter((one) => client.scope.split(" ").includes(one)).join(" ");
    const grantId = await grantFor(client.clientId, username, granted);
    const more = { accountId: username, client, grantId, gty: "password", scope: granted };
    const access = new provider.AccessToken(more);
    const refresh = new provider.RefreshToken({ ...more, authTime: Math.floor(Date.now() / 1000), claims: {} });
    ctx.body = {
      access_token: await access.save(),
      refresh_token: await refresh.save(),
      expires_in: access.expiration,
      scope: granted,
      token_type: "Bearer",
    };
  },
  ["username", "password", "scope"],
);

/** The user whom a host's token speaks of. */
async function subject(token) {
  const found = await provider.AccessToken.find(token ?? "");
  return found?.clientId === "host" && found.scopes.has("mediate") ? found : undefined;
}

async function body(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

async function host(ctx) {
  const [scheme, encoded] = ctx.get("authorization").split(" ");
  const [id, given] = scheme === "Basic" ? Buffer.from(encoded ?? "", "base64").toString().split(":") : [];
  const found = id === "host" ? await provider.Client.find(id) : undefined;
  return found?.compareClientSecret(decodeURIComponent(given ?? "")) ? found : undefined;
}

function refuse(ctx, status, error) {
  ctx.status = status;
  ctx.body = { error };
}

async function challenge(ctx) {
  if (!(await host(ctx))) {
    return refuse(ctx, 401, "invalid_client");
  }
  const asked = await body(ctx.req);
  const user = await subject(asked.get("subject_token"));
  if (!user) {
    return refuse(ctx, 403, "insufficient_authorization");
  }
  const program = await provider.Client.find(asked.get("target_client_id") ?? "");
  if (program?.clientId !== "program") {
    return refuse(ctx, 400, "unauthorized_client");
  }
  const redirectUri = asked.get("redirect_uri");
  if (!program.redirectUriAllowed(redirectUri) || asked.get("code_challenge_method") !== "S256") {
    return refuse(ctx, 400, "invalid_request");
  }
  const known = program.scope.split(" ");
  const scope = asked.get("scope").split(" ").filter((one) => known.includes(one)).join(" ");
  if (!scope) {
    return refuse(ctx, 400, "invalid_scope");
  }
  const grantId = await grantFor(program.clientId, user.accountId, scope);
  const code = new provider.AuthorizationCode({
    accountId: user.accountId,
    authTime: user.iat,
    claims: {},
    client: program,
    codeChallenge: asked.get("code_challenge"),
    codeChallengeMethod: "S256",
    grantId,
    gty: "authorization_code",
    nonce: asked.get("nonce") ?? undefined,
    redirectUri,
    scope,
  });
  ctx.set("cache-control", "no-store");
  ctx.body = {
    authorization_code: await code.save(),
    client_id: program.clientId,
    expires_in: 60,
    grant_id: grantId,
    scope,
  };
}

async function endGrant(ctx, id) {
  if (!(await host(ctx))) {
    return refuse(ctx, 401, "invalid_client");
  }
  const grant = await provider.Grant.find(id);
  if (!grant) {
    return refuse(ctx, 404, "not_found");
  }
  const models = [provider.AccessToken, provider.AuthorizationCode, provider.RefreshToken];
  await Promise.all(models.map((model) => model.revokeByGrantId(id)));
  await grant.destroy();
  ctx.status = 204;
}

// What a page would ask the user, a host's token answers: the host has asked already.
async function interact(ctx) {
  const { grantId, params, prompt } = await provider.interactionDetails(ctx.req, ctx.res);
  const user = await subject(ctx.get("authorization").replace(/^Bearer /, ""));
  if (!user) {
    ctx.set("www-authenticate", 'Bearer error="invalid_token"');
    ctx.status = 401;
    return;
  }
  let result = { login: { accountId: user.accountId } };
  if (prompt.name === "consent") {
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: user.accountId, clientId: params.client_id });
    grant.addOIDCScope((prompt.details.missingOIDCScope ?? []).join(" "));
    result = { consent: { grantId: await grant.save() } };
  }
  const to = await provider.interactionResult(ctx.req, ctx.res, result, {
    mergeWithLastSubmission: true,
  });
  ctx.status = 303;
  ctx.set("location", to);
}

provider.use(async (ctx, next) => {
  const { method, path } = ctx;
  if (method === "POST" && path === "/challenge") {
    await challenge(ctx);
  } else if (method === "DELETE" && path.startsWith("/grants/")) {
    await endGrant(ctx, decodeURIComponent(path.slice("/grants/".length)));
  } else if (method === "GET" && path.startsWith("/interaction/")) {
    await interact(ctx);
  } else {
    await next();
  }
});

server.on("request", provider.callback());
const told = { ISSUER: issuer, USER_PASSWORD: password, HOST_SECRET: hostSecret, PROGRAM_SECRET: programSecret };
process.stdout.write(`${JSON.stringify(told)}\n`);
process.stdin.resume().on("end", () => process.exit());
