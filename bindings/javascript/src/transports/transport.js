/**
 * What a bridge needs of its container: a way out and a way in for texts.
 *
 * @typedef {object} Transport
 * @property {(text: string) => void | Promise<string | null | undefined>} send gives the host one
 *   message; a promise may bring the reply (null: the host says there is none). A throw or a
 *   rejection means that the host cannot be reached
 * @property {(onMessage: (text: unknown) => void, onGone: () => void) => (() => void) | undefined | void} subscribe
 *   brings every other message of the host, and tells when the host has gone
 * @property {() => void} [close] lets go of the channel
 */
export {};
