import { withCallbacks } from "./callbacks.js";
import { visitSettings } from "./settings-visit.js";

const REFUSED = ["user_denied", "user_cancelled", "cooldown"];

/**
 * `wx.login`, `wx.checkSession`, `wx.authorize`, `wx.getSetting` and `wx.openSetting`.
 *
 * @param {import("./requests.js").Requests} requests
 */
export function wxApi(requests) {
  /** Names that the user refused while this page is open: `false` in the settings. */
  const refused = new Set();

  /** Runs `work` as the function `name`, whose `errMsg` begins with it. */
  const api = (name, work) => (options) =>
    withCallbacks(
      options ?? {},
      async () => ({ ...(await work(options ?? {})), errMsg: `${name}:ok` }),
      (error) => ({ errMsg: `${name}:fail ${told(error)}` }),
    );

  const settings = async () => {
    const { grants } = await (await requests.bridge()).getGrants();
    const granted = requests.names(grants.map(({ scope }) => scope));
    for (const name of granted) refused.delete(name);
    const all = [...granted, ...refused].filter((name) => name.startsWith("scope."));
    return { authSetting: Object.fromEntries(all.map((name) => [name, granted.includes(name)])) };
  };

  return {
    /** Gives a code without asking the user; fails where the host has no silent tier. */
    login: api("login", async ({ timeout }) => {
      const { code } = await requests.code(["auth_base"], { prompt: "none", timeout });
      return { code };
    }),

    /** Succeeds while a user is signed in who has granted something. */
    checkSession: api("checkSession", async () => {
      const { valid } = await (await requests.bridge()).checkSession();
      if (!valid) throw new Error("session expired");
    }),

    /** Asks the user for one scope ahead of its use. The code that comes with it is left to expire. */
    authorize: api("authorize", async ({ scope }) => {
      if (typeof scope !== "string") throw new Error("parameter error: scope");
      try {
        const { grantedScopes } = await requests.code([scope]);
        if (!requests.meaning(scope).every((one) => grantedScopes.includes(one))) throw new Error("auth deny");
        refused.delete(scope);
      } catch (/** @type {any} */ error) {
        if (REFUSED.includes(error.reason) || error.message === "auth deny") refused.add(scope);
        throw error;
      }
    }),

    /** What the user has allowed (`true`) and refused (`false`); what was never asked is absent. */
    getSetting: api("getSetting", settings),

    /** Shows the host's settings of this program, and tells what holds once the user is back. */
    openSetting: api("openSetting", async () => {
      await visitSettings(await requests.bridge());
      return settings();
    }),
  };
}

/** A refusal by the user in the words that programs look for; anything else by its reason. */
function told(error) {
  if (REFUSED.includes(error.reason)) return error.reason === "user_cancelled" ? "cancel" : "auth deny";
  return error.reason ?? error.message;
}
