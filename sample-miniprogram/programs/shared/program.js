import { connect } from "/minihost/index.js";
import { Account } from "./account.js";
import { Texts } from "./messages.js";
import { translatePage } from "./view.js";

/**
 * Runs a program's page: in the browser's language until the host has told the user's. Outside a host
 * the authorization server's own pages sign its user in.
 *
 * @param {object} program
 * @param {Record<string, Record<string, string>>} program.texts by locale
 * @param {{ memberPage?: string, translate: (texts: Texts) => void, signedIn: () => void, signedOut: () => void }} program.trade
 * @returns {Account}
 */
export function runProgram({ texts: own, trade }) {
  const speak = (where) => {
    const texts = new Texts(own, where);
    translatePage(texts);
    trade.translate(texts);
    return texts;
  };
  const account = new Account(speak({ language: navigator.language }), trade);
  const hostOrigins = document.querySelector('meta[name="host-origins"]').content.split(" ");
  connect({ hostOrigins }).then(
    (bridge) => account.connected(bridge, speak({ language: bridge.locale, host: bridge.host.name })),
    (error) =>
      isInBrowser(error)
        ? account.inBrowser(speak({ language: navigator.language, place: "browser" }))
        : account.disconnected(error),
  );
  return account;
}

/** Whether the page is simply open in a browser: no host shows it, and nobody frames it. */
const isInBrowser = ({ reason }) => reason === "not_in_container" && window.parent === window;
