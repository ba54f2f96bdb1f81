import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { createInterface } from "node:readline";
import { after } from "node:test";

import { CLIENT, Server } from "../../programs/test/authorization-server.js";

/** The backend in a process of its own, beside an authorization server, and one browser of its page. */
export class Stage {
  origin;
  #port;
  #session = "";

  /** @param {object} [setting] what the backend is told beside where the server is */
  static async start(setting = {}) {
    const stage = new Stage();
    stage.server = await Server.start();
    const backend = spawn(process.execPath, [new URL("../server.js", import.meta.url).pathname], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    after(() => backend.stdin.end());
    const client = { issuer: stage.server.issuer, clientId: CLIENT, clientSecret: "secret" };
    const place = { name: "127.0.0.1", port: 0, hostOrigins: ["http://host.example"] };
    backend.stdin.write(`${JSON.stringify({ ...client, ...place, ...setting })}\n`);
    const [line] = await once(createInterface({ input: backend.stdout }), "line");
    const { origin, port } = JSON.parse(line);
    stage.origin = origin;
    stage.#port = port;
    return stage;
  }

  /** A request of the page, which keeps its session in a header as a frame without cookies does. */
  async ask(method, path, body, headers = { Session: this.#session }) {
    const from = { Host: new URL(this.origin).host, Origin: this.origin, "Content-Type": "application/json" };
    const asked = request({ port: this.#port, host: "127.0.0.1", method, path, headers: { ...from, ...headers } });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(asked, "response");
    let text = "";
    for await (const part of response.setEncoding("utf8")) text += part;
    this.#session = response.headers.session ?? this.#session;
    return { status: response.statusCode, headers: response.headers, text };
  }

  async json(method, path, body) {
    const { status, text } = await this.ask(method, path, body);
    return { status, ...JSON.parse(text) };
  }

  /** Begins a sign-in with the host, and gives what the host would answer with. */
  async begin() {
    const { state, nonce } = await this.json("POST", "/api/sign-in/start", {});
    this.server.nonce = nonce;
    return { code: "code", state, iss: this.server.issuer };
  }

  /** Begins a sign-in in the browser, and gives the query that the authorization server sends it back with. */
  async beginInBrowser() {
    const { headers } = await this.ask("GET", "/sign-in");
    const asked = new URL(headers.location).searchParams;
    this.server.nonce = asked.get("nonce");
    return { code: "code", state: asked.get("state"), iss: this.server.issuer };
  }

  finish(answer) {
    return this.json("POST", "/api/sign-in/finish", answer);
  }

  async signIn() {
    return this.finish(await this.begin());
  }
}
