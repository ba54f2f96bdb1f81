/**
 * Makes what a bundler or an old Node wants beside the modules themselves: types, and CommonJS; and the scripts
 * that a native container runs in a page.
 */
import { spawnSync } from "node:child_process";
import { cpSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const root = new URL("../", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));

rmSync(path("dist"), { recursive: true, force: true });

const tsc = spawnSync(process.execPath, [path("node_modules/typescript/bin/tsc"), "-p", path("tsconfig.json")], {
  stdio: "inherit",
});
if (tsc.status !== 0) process.exit(tsc.status ?? 1);
// The compiler takes declarations in, and gives none of them out.
cpSync(path("src/protocol.d.ts"), path("dist/types/protocol.d.ts"));

await build({
  absWorkingDir: path("."),
  entryPoints: ["src/index.js", "src/mock/index.js", "src/shim/index.js"],
  outbase: "src",
  outdir: "dist/cjs",
  bundle: true,
  format: "cjs",
  target: "es2022",
  logLevel: "warning",
});
cpSync(path("dist/types"), path("dist/cjs"), { recursive: true });
writeFileSync(path("dist/cjs/package.json"), `${JSON.stringify({ type: "commonjs" })}\n`);

await build({
  absWorkingDir: path("."),
  entryPoints: ["src/document-start.js", "src/awaited-port.js"],
  outdir: "dist/document-start",
  bundle: true,
  format: "iife",
  minify: true,
  // As old as the WebView of Android 7 may be where nobody renews it, and Safari of iOS 15.
  target: ["chrome64", "safari15"],
  logLevel: "warning",
});
