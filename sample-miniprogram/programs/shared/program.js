import { connect } from "/minihost/index.js";
import { Account } from "./account.js";
import { Texts } from "./messages.js";
import { translatePage } from "./view.js";

/**
 * Runs a program's page: in the browser's language until the host has told the user's.
 *
 * @param {object} program
 * @param {Record<string, Record<string, string>>} program.texts by locale
 * @param {{ translate: (texts: Texts) => void, signedIn: () => void, signedOut: () => void }} program.trade
 * @returns {Account}
 */
export function runProgram({ texts: own, trade }) {
  const speak = (language, host) => {
    const texts = new Texts(own, language, host);
    translatePage(texts);
    trade.translate(texts);
    return texts;
  };
  const account = new Account(speak(navigator.language), trade);
  const hostOrigins = document.querySelector('meta[name="host-origins"]').content.split(" ");
  connect({ hostOrigins }).then(
    (bridge) => account.connected(bridge, speak(bridge.locale, bridge.host.name)),
    (error) => account.disconnected(error),
  );
  return account;
}
