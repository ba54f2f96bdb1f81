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
