const MOST_CARDS = 20;

/** The users of this program, found by `open_id`; they last as long as the process. */
export class Accounts {
  #accounts = new Map();

  /** Finds or makes the account of a user who has signed in. */
  signIn(openId) {
    const account = this.#accounts.get(openId) ?? { signIns: 0, cards: [] };
    account.signIns += 1;
    this.#accounts.set(openId, account);
    return account;
  }

  of(openId) {
    return this.#accounts.get(openId);
  }

  /** @returns the card that was sent, or undefined for one that cannot be */
  send(openId, { motif, text }) {
    const isCard = ["harbour", "hills", "lights"].includes(motif) && typeof text === "string";
    if (!isCard || text.trim() === "" || text.length > 140) return undefined;
    const card = { motif, text: text.trim(), sentAt: new Date().toISOString() };
    const { cards } = this.of(openId);
    cards.unshift(card);
    cards.splice(MOST_CARDS);
    return card;
  }
}
