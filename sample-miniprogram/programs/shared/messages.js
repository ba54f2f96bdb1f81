/** What both programs say. A program's own texts come first. `{host}` and the like are filled in. */
const SHARED = {
  en: {
    accountTitle: "Your account",
    continue: "Continue with {host}",
    continuePlain: "Continue",
    cancel: "Cancel",
    connecting: "Looking for your app…",
    confirming: "Looking whether it is still you…",
    waiting: "Waiting for your answer in {host}…",
    signingIn: "Signing you in…",
    signedIn: "You are signed in.",
    signedOut: "You are signed out.",
    greeting: "Welcome, {name}!",
    greetingAgain: "Welcome back, {name}!",
    guest: "guest",
    hostApp: "your app",
    userId: "User ID",
    userName: "Name",
    userEmail: "Email",
    userPhone: "Phone",
    verified: "verified",
    notShared: "not shared",
    details: "Show my details",
    asking: "Asking for your details…",
    detailsShown: "These are your details as of {time}.",
    refreshed: "Your access had expired. It was renewed, and your details were asked for again.",
    signOut: "Sign out",
    wait: "You can try again in {time}.",
    "error.user_denied": ["You chose not to share", "Nothing was shared. Continue whenever you like."],
    "error.user_cancelled": ["You closed the question", "Nothing was shared. Continue when you are ready."],
    "error.aborted": ["Stopped", "Nothing was shared. Continue when you are ready."],
    "error.timeout": ["That took too long", "No answer came in time. Please try again."],
    "error.network": ["No connection", "The network did not carry us there. Check it and try again."],
    "error.server_error": ["That did not work", "Something failed on the way. Please try again."],
    "error.temporarily_unavailable": ["Not available just now", "Please try again in a while."],
    "error.not_in_container": [
      "Please open this in your app",
      "{program} lives inside a host app, and only there can it know who you are. Look around here as long as you like.",
    ],
    "error.untrusted_origin": ["Not shown by a known app", "{program} does not sign anybody in here."],
    "error.login_required": ["Sign in to {host} first", "Then come back and continue."],
    "error.continue_again": ["Please continue again", "Your permission has ended. Continue to renew it."],
    "error.interaction_required": ["Your answer is needed", "Continue, and {host} will ask you."],
    "error.cooldown": ["A little pause", "You said no a moment ago, so {host} does not ask again yet."],
    "error.cooldown_settings": [
      "{host} no longer asks",
      "You said no several times. You can change that in the settings of {host}.",
    ],
    "error.throttled": ["Too many tries", "Please wait a little before you try again."],
    "error.busy": ["One question at a time", "{host} is still asking something else. Please try again."],
    "error.denied_by_server": ["Not allowed", "{host} may not sign you in here."],
    "error.disabled_by_host": ["Switched off", "{host} has switched this program off."],
    "error.account_changed": ["Another account", "The account in {host} has changed. Please continue again."],
    "error.unsupported_version": ["Please update your app", "{program} needs a newer version of it."],
    "error.context_destroyed": ["The app let go", "Close {program} and open it again."],
    "error.discarded": ["This sign-in cannot be used", "For your safety it was dropped. Please try again."],
    "error.other": ["That did not work", "This is our fault, not yours. Please try again later."],
  },
  "zh-Hans": {
    accountTitle: "您的账户",
    continue: "使用 {host} 继续",
    continuePlain: "继续",
    cancel: "取消",
    connecting: "正在连接您的应用…",
    confirming: "正在确认您的身份…",
    waiting: "请在 {host} 中作出选择…",
    signingIn: "正在登录…",
    signedIn: "您已登录。",
    signedOut: "您已退出登录。",
    greeting: "欢迎您，{name}！",
    greetingAgain: "欢迎回来，{name}！",
    guest: "客人",
    hostApp: "您的应用",
    userId: "用户 ID",
    userName: "名称",
    userEmail: "邮箱",
    userPhone: "电话",
    verified: "已验证",
    notShared: "未分享",
    details: "显示我的资料",
    asking: "正在获取您的资料…",
    detailsShown: "以上为您在 {time} 的资料。",
    refreshed: "您的访问权限已过期，现已自动续期并重新获取了资料。",
    signOut: "退出登录",
    wait: "{time} 后可以重试。",
    "error.user_denied": ["您选择了不分享", "没有分享任何信息。您可以随时继续。"],
    "error.user_cancelled": ["您关闭了询问", "没有分享任何信息。准备好后请继续。"],
    "error.aborted": ["已停止", "没有分享任何信息。准备好后请继续。"],
    "error.timeout": ["等待超时", "未能及时收到答复，请重试。"],
    "error.network": ["网络不通", "请检查网络后重试。"],
    "error.server_error": ["未能完成", "途中出现问题，请重试。"],
    "error.temporarily_unavailable": ["暂时无法使用", "请稍后再试。"],
    "error.not_in_container": [
      "请在您的应用中打开",
      "{program}是一个小程序，只有在宿主应用中才能认出您。您仍可以在这里随意浏览。",
    ],
    "error.untrusted_origin": ["不是已知的应用", "{program}不在此处提供登录。"],
    "error.login_required": ["请先登录 {host}", "登录后返回此处继续。"],
    "error.continue_again": ["请再次继续", "您的授权已结束，请继续以重新授权。"],
    "error.interaction_required": ["需要您的确认", "请点击继续，{host} 会向您询问。"],
    "error.cooldown": ["请稍等片刻", "您刚才选择了拒绝，{host} 暂时不会再次询问。"],
    "error.cooldown_settings": ["{host} 不再询问", "您已多次拒绝。可以在 {host} 的设置中更改。"],
    "error.throttled": ["尝试次数过多", "请稍等片刻再试。"],
    "error.busy": ["请逐一答复", "{host} 还有其他询问等待答复，请稍后重试。"],
    "error.denied_by_server": ["不允许", "{host} 无法在此处为您登录。"],
    "error.disabled_by_host": ["已停用", "{host} 已停用此小程序。"],
    "error.account_changed": ["账户已更换", "{host} 中的账户已更换，请再次继续。"],
    "error.unsupported_version": ["请更新您的应用", "{program}需要更新版本的应用。"],
    "error.context_destroyed": ["连接已断开", "请关闭{program}后重新打开。"],
    "error.discarded": ["此次登录无法使用", "为了您的安全，此次登录已作废。请重试。"],
    "error.other": ["未能完成", "这是我们的问题，请稍后再试。"],
  },
};

/** Reasons whose words another key holds. */
const SAME_WORDS = {
  consent_required: "interaction_required",
  account_selection_required: "login_required",
  state_mismatch: "discarded",
  issuer_mismatch: "discarded",
  code_rejected: "discarded",
  no_session: "discarded",
};

/** The texts of one program in one language. */
export class Texts {
  #texts;

  /**
   * @param {Record<string, Record<string, string>>} own the program's texts by locale
   * @param {string} language BCP 47; anything but Chinese is answered in English
   * @param {string} host the host's name
   */
  constructor(own, language, host) {
    this.locale = /^zh\b/i.test(language) ? "zh-Hans" : "en";
    this.#texts = { ...SHARED[this.locale], ...own[this.locale] };
    this.fillings = { host: host ?? this.#texts.hostApp, program: this.#texts.programName };
  }

  has(key) {
    return key in this.#texts;
  }

  say(key, fillings) {
    return this.#fill(this.#texts[key] ?? key, fillings);
  }

  /** Title and sentence for a reason. */
  explain(reason) {
    const key = `error.${SAME_WORDS[reason] ?? reason}`;
    return (this.#texts[key] ?? this.#texts["error.other"]).map((text) => this.#fill(text));
  }

  money(yuan) {
    const options = { style: "currency", currency: "CNY", maximumFractionDigits: 0, currencyDisplay: "narrowSymbol" };
    return new Intl.NumberFormat(this.locale, options).format(yuan);
  }

  time(date) {
    return new Intl.DateTimeFormat(this.locale, { timeStyle: "short" }).format(date);
  }

  seconds(seconds) {
    const unit = seconds < 60 ? ["second", seconds] : ["minute", Math.ceil(seconds / 60)];
    const options = { style: "unit", unit: unit[0], unitDisplay: "long" };
    return new Intl.NumberFormat(this.locale, options).format(unit[1]);
  }

  #fill(text, fillings) {
    const known = { ...this.fillings, ...fillings };
    return text.replace(/\{(\w+)\}/g, (whole, name) => known[name] ?? whole);
  }
}
