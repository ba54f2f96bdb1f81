import { BridgeError } from "./errors.js";

/**
 * Writes one JSON-RPC message, and refuses here what the host could not even answer to: its reply
 * to a message it cannot read names no call.
 *
 * @param {object} message
 * @param {any} limits `messageBytes`, `depth` and `members` that the host takes, once it has said so
 * @returns {string}
 * @throws {BridgeError} `invalid_request`
 */
export function encode(message, limits) {
  let members = -1;
  let isBroken;
  try {
    const text = JSON.stringify({ jsonrpc: "2.0", ...message });
    // Read back, because toJSON and undefined make the written value differ from the given one.
    // Every value becomes its own depth, from the innermost outwards.
    const depth = JSON.parse(text, function (name, value) {
      if (!Array.isArray(this)) members++;
      isBroken ||= /\p{Cs}/u.test(name + value);
      return Object(value) === value ? 1 + Math.max(0, ...Object.values(value)) : 0;
    });
    const bytes = new Blob([text]).size;
    if (isBroken || bytes > limits.messageBytes || depth > limits.depth || members > limits.members) throw text;
    return text;
  } catch (cause) {
    throw new BridgeError("invalid_request", { cause });
  }
}
