/**
 * A host at the other end of a real `MessageChannel`. It answers `host.initialize` and whatever
 * else it was given a handler for, and remembers every message.
 */
export class FakeHost {
  received = [];
  #handlers = new Map();
  #waiting = [];

  constructor(handlers = {}) {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    this.pagePort = port2;
    this.handle("host.initialize", ({ id }) => this.reply(id, initialized()));
    for (const [method, handler] of Object.entries(handlers)) this.handle(method, handler);
    port1.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      this.received.push(message);
      this.#wake();
      this.#handlers.get(message.method)?.(message);
    };
  }

  handle(method, handler) {
    this.#handlers.set(method, handler);
  }

  /** Resolves with the first message of this method, which may have come already. */
  async message(method) {
    return (await this.messages(method, 1))[0];
  }

  /** Resolves with the messages of this method once there are as many. */
  messages(method, count) {
    return new Promise((resolve) => {
      this.#waiting.push({ method, count, resolve });
      this.#wake();
    });
  }

  #wake() {
    this.#waiting = this.#waiting.filter(({ method, count, resolve }) => {
      const found = this.received.filter((message) => message.method === method);
      if (found.length >= count) resolve(found);
      return found.length < count;
    });
  }

  send(message) {
    this.raw(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  raw(text) {
    this.port.postMessage(text);
  }

  reply(id, result) {
    this.send({ id, result });
  }

  refuse(id, code, data) {
    this.send({ id, error: { code, message: "for developers", data } });
  }

  /** The page's end in the shape of a vendor's channel. */
  vendorChannel() {
    const { pagePort } = this;
    return {
      send: (text) => void pagePort.postMessage(text),
      subscribe: (fn) => {
        pagePort.onmessage = ({ data }) => fn(data);
        return () => (pagePort.onmessage = null);
      },
    };
  }

  close() {
    this.port.close();
    this.pagePort.close();
  }
}

/** The result of `host.initialize`. */
export function initialized(changes = {}) {
  return {
    version: 1,
    miniProgram: { id: "teahouse", version: "1.0.0" },
    host: { name: "Fake", version: "0", platform: "test" },
    locale: "zh-Hans",
    launch: { path: "/menu" },
    capabilities: {
      methods: ["host.initialize", "auth.requestCode"],
      events: ["auth.sessionChanged"],
      limits: { messageBytes: 65536, depth: 16, members: 128, pending: 32 },
    },
    ...changes,
  };
}

/** A result of `auth.requestCode`. */
export function issuedCode(changes = {}) {
  return {
    code: "code-1",
    state: "state-1",
    iss: "https://as.example",
    clientId: "teahouse",
    redirectUri: "https://tea.example/callback",
    grantedScopes: ["openid"],
    deniedScopes: { phone: "user_denied" },
    expiresIn: 60,
    ...changes,
  };
}

/** A page's window inside a frame of `host`, which answers a hello with its port. */
export class FakeFrame extends EventTarget {
  posted = [];

  constructor({ host, parentOrigin = "https://host.example", ancestorOrigins } = {}) {
    super();
    this.location = { ancestorOrigins };
    this.parent = {
      postMessage: (data, targetOrigin) => {
        this.posted.push({ data, targetOrigin });
        if (targetOrigin !== parentOrigin) return;
        if (host) queueMicrotask(() => this.deliver({ origin: parentOrigin, ports: [host.pagePort] }));
      },
    };
  }

  deliver({ source = this.parent, origin, data = { minihost: "port" }, ports }) {
    this.dispatchEvent(Object.assign(new Event("message"), { source, origin, data, ports }));
  }
}
