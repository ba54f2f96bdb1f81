import { BridgeError, fromReply } from "./errors.js";

/** What a host accepts before it has said otherwise. */
export const LIMITS = Object.freeze({ messageBytes: 65536, depth: 16, members: 128 });

/**
 * Writes one JSON-RPC message, and refuses here what the host could not even answer to: its reply
 * to a message it cannot read names no call.
 *
 * @param {object} message
 * @param {{ messageBytes: number, depth: number, members: number }} limits
 * @returns {string}
 * @throws {BridgeError} `invalid_request`
 */
export function encode(message, limits) {
  let text;
  try {
    text = JSON.stringify({ jsonrpc: "2.0", ...message });
  } catch (cause) {
    throw new BridgeError("invalid_request", "The parameters cannot be written as JSON.", { cause });
  }
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > limits.messageBytes) {
    throw tooMuch(`${bytes} bytes; the host takes ${limits.messageBytes}`);
  }
  // Read back, because toJSON and undefined make the written value differ from the given one.
  const size = { depth: 0, members: 0 };
  measure(JSON.parse(text), 1, size);
  if (size.depth > limits.depth) throw tooMuch(`nested ${size.depth} deep; the host takes ${limits.depth}`);
  if (size.members > limits.members) {
    throw tooMuch(`${size.members} members; the host takes ${limits.members}`);
  }
  return text;
}

function tooMuch(what) {
  return new BridgeError("invalid_request", `The message is too large: ${what}.`);
}

function measure(value, depth, size) {
  if (typeof value === "string") return wellFormed(value);
  if (typeof value !== "object" || value === null) return;
  size.depth = Math.max(size.depth, depth);
  if (Array.isArray(value)) {
    for (const item of value) measure(item, depth + 1, size);
    return;
  }
  for (const [name, member] of Object.entries(value)) {
    size.members += 1;
    wellFormed(name);
    measure(member, depth + 1, size);
  }
}

function wellFormed(text) {
  if (/\p{Surrogate}/u.test(text)) {
    throw new BridgeError("invalid_request", "The parameters hold a lone surrogate.");
  }
}

/**
 * @typedef {{ kind: "result", id: string, result: unknown }
 *   | { kind: "error", id: string, error: BridgeError }
 *   | { kind: "event", name: string, params: unknown }} Incoming
 */

/**
 * Reads one message of the host. Returns null for what is no message of this protocol; a reply
 * that names a call but says neither result nor error becomes an error of that call.
 *
 * @param {unknown} text
 * @returns {Incoming | null}
 */
export function decode(text) {
  let message;
  try {
    message = typeof text === "string" ? JSON.parse(text) : null;
  } catch {
    return null;
  }
  if (typeof message !== "object" || message === null || message.jsonrpc !== "2.0") return null;
  const { id, method, params } = message;
  if (typeof method === "string") return id === undefined ? { kind: "event", name: method, params } : null;
  if (typeof id !== "string") return null;
  const hasResult = "result" in message;
  if (hasResult && !("error" in message)) return { kind: "result", id, result: message.result };
  return { kind: "error", id, error: hasResult ? malformed() : fromReply(message.error) };
}

/** The host answered, but not in this protocol. */
export function malformed() {
  return new BridgeError("internal", "The host's reply is malformed.");
}
