/**
 * Measures the auth client, `connect` and all it reaches, minified and compressed, beside what other
 * bridges cost: bundled by esbuild, minified by terser, gzip at its best, the same for all. More than
 * what is recorded fails; `--record` writes down what is measured now. More than the limit fails
 * whatever is recorded.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import { minify } from "terser";

const record = new URL("size.json", import.meta.url);

/** The most bytes that the client may ever cost. */
const LIMIT = 1800;

const CONTESTANTS = {
  "@minihost/bridge": 'export { connect } from "./src/index.js";',
  "@vkontakte/vk-bridge": 'export { default } from "@vkontakte/vk-bridge";',
  comlink: 'export { expose, wrap } from "comlink";',
  penpal: 'export { connect, WindowMessenger } from "penpal";',
};

async function size(contents) {
  const bundled = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL("..", import.meta.url)) },
    bundle: true,
    format: "esm",
    minify: true,
    target: "es2022",
    write: false,
  });
  const { code } = await minify(bundled.outputFiles[0].text, { module: true, compress: { passes: 3 } });
  return gzipSync(code, { level: 9 }).length;
}

const sizes = {};
for (const [name, contents] of Object.entries(CONTESTANTS)) {
  sizes[name] = await size(contents);
  console.log(`${name.padEnd(24)}${String(sizes[name]).padStart(6)} bytes, minified and compressed`);
}

const measured = sizes["@minihost/bridge"];
if (measured > LIMIT) {
  console.error(`The bridge has ${measured} bytes, and may have ${LIMIT} at most.`);
  process.exit(1);
}
if (process.argv.includes("--record")) writeFileSync(record, `${JSON.stringify({ bytes: measured })}\n`);
const { bytes } = JSON.parse(readFileSync(record, "utf8"));
if (measured > bytes) {
  console.error(`The bridge grew from ${bytes} to ${measured} bytes. Make it smaller, or record it: npm run size -- --record`);
  process.exit(1);
}
