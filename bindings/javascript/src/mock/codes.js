const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

/**
 * Where codes come from.
 *
 * @typedef {(request: import("../bridge.js").Methods["auth.requestCode"]["params"],
 *   miniProgram: { id: string, version: string }) =>
 *   Promise<{ code: string, iss?: string, clientId: string, redirectUri: string, expiresIn?: number }>} Codes
 */

/**
 * Codes that nobody can redeem: enough for a page whose backend is a mock too.
 *
 * @returns {Codes}
 */
export function fakeCodes() {
  let count = 0;
  return async ({ redirectUri = "https://mock.example/callback" }, { id }) => ({
    code: `mock-code-${++count}`,
    iss: "https://mock.example",
    clientId: id,
    redirectUri,
    expiresIn: 60,
  });
}

/**
 * What is used of the line that `sample-host --json` prints.
 *
 * @typedef {object} SampleHostLine
 * @property {string} authorizationServer
 * @property {{ clientId: string, clientSecret: string }} host
 * @property {Array<{ username: string, password: string }>} users
 * @property {Array<{ clientId: string, redirectUri: string }>} miniPrograms
 */

/**
 * Real codes from the authorization server of a sample host that runs on this machine, so that a
 * backend can redeem them. Only for tests in Node: it uses the host's own secret.
 *
 * @param {SampleHostLine} ready
 * @param {object} [choice]
 * @param {string} [choice.username] one of its users; the first when left out
 * @param {string} [choice.clientId] one of its mini-programs; the first when left out
 * @returns {Codes}
 */
export function sampleHostCodes({ authorizationServer, host, users, miniPrograms }, { username, clientId } = {}) {
  const user = users.find((one) => username === undefined || one.username === username);
  const program = miniPrograms.find((one) => clientId === undefined || one.clientId === clientId);
  if (!user || !program) throw new Error("the sample host has no such user or mini-program");

  const post = async (endpoint, form) => {
    const metadata = await json(fetch(`${authorizationServer}/.well-known/oauth-authorization-server`));
    const pair = [host.clientId, host.clientSecret].map(encodeURIComponent).join(":");
    const known = Object.entries(form).filter(([, value]) => value !== undefined);
    return json(
      fetch(metadata[endpoint], {
        method: "POST",
        headers: { authorization: `Basic ${btoa(pair)}` },
        body: new URLSearchParams(known),
      }),
    );
  };

  return async ({ scopes, codeChallenge, nonce, redirectUri = program.redirectUri, audience }) => {
    const { username, password } = user;
    const signIn = { grant_type: "password", username, password, scope: "openid profile email phone mediate" };
    const { access_token: subject } = await post("token_endpoint", signIn);
    const issued = await post("authorization_challenge_endpoint", {
      response_type: "code",
      target_client_id: program.clientId,
      redirect_uri: redirectUri,
      scope: scopes.join(" "),
      code_challenge: codeChallenge,
      code_challenge_method: "S256",
      nonce,
      resource: audience,
      subject_token: subject,
      subject_token_type: ACCESS_TOKEN,
    });
    return {
      code: issued.authorization_code,
      iss: authorizationServer,
      clientId: program.clientId,
      redirectUri,
      expiresIn: issued.expires_in,
    };
  };
}

async function json(fetching) {
  const response = await fetching;
  const body = await response.json();
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${JSON.stringify(body)}`);
  return body;
}
