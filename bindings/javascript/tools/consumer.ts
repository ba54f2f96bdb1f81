/** A program in TypeScript, which names the package's types; compiled against what is built, never run. */
import {
  BridgeError,
  connect,
  createPkce,
  type Bridge,
  type CallOptions,
  type CodeRequest,
  type CodeResult,
  type ConnectOptions,
  type Events,
  type Methods,
  type Pkce,
  type Reason,
  type Transport,
} from "@minihost/bridge";
import {
  mockHost,
  type Answer,
  type Codes,
  type MockHost,
  type MockOptions,
  type SettingsVisit,
} from "@minihost/bridge/mock";
import { installShim, type AuthCode, type AuthFailure, type ShimOptions } from "@minihost/bridge/shim";

const codes: Codes = async (_request, { id }) => ({ code: "c", clientId: id, redirectUri: "https://tea.example/" });
const answer: Answer = { slow: 5, then: { partial: ["openid"] } };
const settings: SettingsVisit = { revoke: ["email"] };
const mock: MockOptions = { answer, codes, settings };
const host: MockHost = mockHost(mock);
const transport: Transport = host;
const options: ConnectOptions = { transport, timeout: 1000 };

export async function signIn({ codeChallenge }: Pkce, { signal }: CallOptions): Promise<CodeResult | Reason> {
  const bridge: Bridge = await connect(options);
  const request: CodeRequest = { scopes: ["openid"], codeChallenge, signal };
  bridge.on("close", (error) => tell(error.reason));
  bridge.on("auth.sessionChanged", ({ valid }: Events["auth.sessionChanged"]) => valid);
  // @ts-expect-error: the bridge ends with an error, not with a text.
  bridge.on("close", (text: string) => text);
  // @ts-expect-error: the verifier stays with the program.
  bridge.requestCode({ ...request, codeVerifier: "v" });
  const { grants }: Methods["auth.getGrants"]["result"] = await bridge.call("auth.getGrants");
  try {
    return grants.length > 0 ? await bridge.requestCode(request) : "consent_required";
  } catch (error) {
    return error instanceof BridgeError ? error.reason : "internal";
  }
}

const shim: ShimOptions = { getChallenge: async () => (await createPkce()).codeChallenge, connection: options };
installShim(shim);

export const outcome = (told: AuthCode | AuthFailure) => ("authCode" in told ? told.authSuccessScopes : told.error);

function tell(reason: Reason) {
  return reason;
}
