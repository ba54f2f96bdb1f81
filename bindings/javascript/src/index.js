/**
 * The page side of the minihost bridge.
 *
 * A mini-program serves these modules as they are, here under `/minihost/`; nothing has to be built.
 *
 *     import { connect } from "/minihost/index.js";
 *     const bridge = await connect({ hostOrigins: ["https://host.example"] });
 *     const { code, state, iss } = await bridge.requestCode({ scopes, codeChallenge, state });
 */
export { connect } from "./connect.js";
export { BridgeError } from "./errors.js";
export { createPkce } from "./pkce.js";

/** @typedef {import("./bridge.js").Bridge} Bridge */
/** @typedef {import("./bridge.js").CallOptions} CallOptions */
/** @typedef {import("./bridge.js").CodeRequest} CodeRequest */
/** @typedef {import("./bridge.js").CodeResult} CodeResult */
/** @typedef {import("./connect.js").ConnectOptions} ConnectOptions */
/** @typedef {import("./pkce.js").Pkce} Pkce */
/** @typedef {import("./protocol.js").Events} Events */
/** @typedef {import("./protocol.js").Methods} Methods */
/** @typedef {import("./protocol.js").Reason} Reason */
/** @typedef {import("./transports/transport.js").Transport} Transport */
