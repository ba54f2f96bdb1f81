import { connect } from "../connect.js";
import { myApi } from "./my.js";
import { Requests } from "./requests.js";
import { wxApi } from "./wx.js";

/**
 * @typedef {object} ShimOptions
 * @property {() => Promise<string | { codeChallenge: string, nonce?: string }>} getChallenge fetches
 *   an S256 challenge for one code request from the program's backend, which keeps the verifier
 * @property {import("../connect.js").ConnectOptions} [connection] what `connect` is to be given
 * @property {Record<string, string[]>} [scopes] what names of the platform mean to the authorization
 *   server, beside the usual ones
 * @property {object} [target] where `my` and `wx` are put; the global object when left out
 */

/**
 * Lets a program that was written for another platform run in a minihost container: puts
 * `my.getAuthCode` and `wx.login`, `wx.checkSession`, `wx.authorize`, `wx.getSetting` and
 * `wx.openSetting` into the page. The host is connected to at the first call.
 *
 *     import { installShim } from "@minihost/bridge/shim";
 *     installShim({ getChallenge: () => fetch("/challenge", { method: "POST" }).then((r) => r.text()) });
 *
 * Other members of `my` and `wx` stay as they are.
 *
 * @param {ShimOptions} options
 */
export function installShim({ getChallenge, connection, scopes, target = globalThis }) {
  const requests = new Requests(() => connect(connection), getChallenge, scopes);
  target.my = Object.assign(target.my ?? {}, myApi(requests));
  target.wx = Object.assign(target.wx ?? {}, wxApi(requests));
}

/** @typedef {import("./my.js").AuthCode} AuthCode */
/** @typedef {import("./my.js").AuthFailure} AuthFailure */
