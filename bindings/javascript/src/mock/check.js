import { Refusal } from "./refusal.js";

const PROMPTS = ["auto", "none", "consent", "login", "select_account"];

const isText = (value) => typeof value === "string";
const isTexts = (value) => Array.isArray(value) && value.every(isText);
const isShort = (limit) => (value) => isText(value) && [...value].length <= limit;
const isScopes = (value) =>
  value.length >= 1 &&
  value.length <= 32 &&
  new Set(value).size === value.length &&
  value.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/.test(scope));

/**
 * What a member must be, for those that a request may have.
 *
 * @type {Record<string, [(value: any) => boolean, string]>}
 */
const FORMS = {
  codeChallenge: [(value) => isText(value) && /^[\w-]{43}$/.test(value), "43 base64url characters"],
  codeChallengeMethod: [(value) => value === "S256", '"S256"'],
  redirectUri: [isText, "a string"],
  state: [isShort(1024), "a string of at most 1024 characters"],
  nonce: [isShort(256), "a string of at most 256 characters"],
  audience: [isText, "a string"],
  prompt: [(value) => PROMPTS.includes(value), `one of ${PROMPTS.join(", ")}`],
  acrValues: [isTexts, "an array of strings"],
  maxAge: [(value) => Number.isSafeInteger(value) && value >= 0, "a whole number that is not negative"],
};

/**
 * What a real host checks before it asks anybody, so that a mistake shows here already.
 *
 * @param {Record<string, unknown>} params
 * @param {string[]} required the members that must be there
 * @throws {Refusal} `invalid_scope` where a list of texts is none of scopes, else `invalid_request`
 */
export function check(params, required) {
  const missing = required.find((name) => params[name] === undefined);
  if (missing) throw new Refusal("invalid_request", { message: `\`${missing}\` is required.` });
  const { scopes, ...others } = params;
  if (scopes !== undefined && !(isTexts(scopes) && isScopes(scopes))) {
    const message = "`scopes` must be 1 to 32 different RFC 6749 scope-tokens of at most 128 characters.";
    throw new Refusal(isTexts(scopes) ? "invalid_scope" : "invalid_request", { message });
  }
  for (const [name, value] of Object.entries(others)) {
    const [fits, demand] = Object.hasOwn(FORMS, name) ? FORMS[name] : [() => true, ""];
    if (!fits(value)) throw new Refusal("invalid_request", { message: `\`${name}\` must be ${demand}.` });
  }
}
