import { readFileSync } from "node:fs";
import { extname } from "node:path";

const TYPES = { ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

const at = (path) => new URL(path, import.meta.url);

/** Where the files of each path lie: the program's own, those of all samples, and the bridge. */
const FOLDERS = {
  "/minihost/": at("../../bindings/javascript/src/"),
  "/shared/": at("../programs/shared/"),
  "/": at("page/"),
};

/** Of the bridge, what is for developers and for programs of other platforms. */
const BESIDE = /^\/minihost\/(mock|shim)\//;

/** The program's page, told which hosts may show it. */
export function page(hostOrigins) {
  const account = readFileSync(at("../programs/shared/account.html"), "utf8").trimEnd();
  const html = readFileSync(at("page/index.html"), "utf8");
  return html.replace("{{hostOrigins}}", hostOrigins.join(" ")).replace("{{account}}", account);
}

/** A file by its path: its type and text, or nothing. */
export function file(path) {
  const type = TYPES[extname(path)];
  if (type === undefined || !/^(\/[a-z][a-z\d-]*)+\.[a-z]+$/.test(path) || BESIDE.test(path)) return undefined;
  const prefix = Object.keys(FOLDERS).find((name) => path.startsWith(name));
  try {
    return { type, text: readFileSync(new URL(path.slice(prefix.length), FOLDERS[prefix]), "utf8") };
  } catch {
    return undefined;
  }
}
