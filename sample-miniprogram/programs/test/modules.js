import { register } from "node:module";

const BRIDGE = new URL("../../../bindings/javascript/src/", import.meta.url);
const SHARED = new URL("../shared/", import.meta.url);

// The programs name modules by where their backends serve them.
register(
  `data:text/javascript,${encodeURIComponent(`
    const folders = { "/minihost/": "${BRIDGE}", "/shared/": "${SHARED}" };
    export function resolve(specifier, context, next) {
      const prefix = Object.keys(folders).find((name) => specifier.startsWith(name));
      return next(prefix === undefined ? specifier : folders[prefix] + specifier.slice(prefix.length), context);
    }
  `)}`,
);
