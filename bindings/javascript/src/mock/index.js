/**
 * A host to develop and test against where there is none: in a plain browser and in Node.
 *
 *     import { connect } from "@minihost/bridge";
 *     import { mockHost } from "@minihost/bridge/mock";
 *     const bridge = await connect({ transport: mockHost({ answer: "allow" }) });
 *
 * Nothing of it belongs into what users get, and it refuses to run where a real host shows the page.
 */
export { mockHost } from "./host.js";
export { fakeCodes, sampleHostCodes } from "./codes.js";

/** @typedef {import("./codes.js").Codes} Codes */
/** @typedef {import("./codes.js").SampleHostLine} SampleHostLine */
/** @typedef {import("./host.js").MockHost} MockHost */
/** @typedef {import("./host.js").MockOptions} MockOptions */
/** @typedef {import("./settings.js").SettingsVisit} SettingsVisit */
/** @typedef {import("./user.js").Answer} Answer */
