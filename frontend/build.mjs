// Bundles the pages' script and style sheet into dist/, which the Go binary embeds.
// The same sources give the same bytes; nothing else in dist/ is touched.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const shared = {
  absWorkingDir: dirname(fileURLToPath(import.meta.url)),
  bundle: true,
  minify: true,
  logLevel: "warning",
};

try {
  await build({ ...shared, entryPoints: ["src/main.ts"], outfile: "dist/app.js", format: "iife", target: "es2022" });
  await build({ ...shared, entryPoints: ["src/app.css"], outfile: "dist/app.css" });
} catch {
  // esbuild has already printed what is wrong and where; its stack trace would only hide that.
  process.exitCode = 1;
}
