// weir.js and weir.d.ts of the JavaScript template are made from weir.ts of this one.
//
// `node sdk.mjs` compares them and fails where they differ; `node sdk.mjs --update` writes them.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { format } from "prettier";
import tsBlankSpace from "ts-blank-space";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = join(here, "../template");
const target = join(here, "../../javascript/template");
const style = { printWidth: 120 };

const NOTE = "// Made from weir.ts of the TypeScript template, which is the place to change it.\n\n";

function declarations() {
  const out = mkdtempSync(join(tmpdir(), "weir-sdk-"));
  try {
    const tsc = join(here, "node_modules/.bin/tsc");
    const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", out];
    execFileSync(tsc, ["-p", source, ...options], { stdio: "inherit" });
    return readFileSync(join(out, "weir.d.ts"), "utf8");
  } finally {
    rmSync(out, { recursive: true });
  }
}

/** A documentation comment with nothing below it spoke of a type; the first one speaks of the module. */
function withoutOrphans(text) {
  return text.replace(/\/\*\*(?:[^*]|\*(?!\/))*\*\/\n\n/g, (comment) => (comment.includes("@module") ? comment : ""));
}

const typescript = readFileSync(join(source, "weir.ts"), "utf8");
const made = {
  "weir.js": withoutOrphans(await format(NOTE + tsBlankSpace(typescript), { ...style, parser: "babel" })),
  "weir.d.ts": await format(NOTE + declarations(), { ...style, parser: "typescript" }),
};

for (const [name, text] of Object.entries(made)) {
  const path = join(target, name);
  if (process.argv.includes("--update")) {
    writeFileSync(path, text);
  } else if (readFileSync(path, "utf8") !== text) {
    console.error(`${path} is not what weir.ts makes: run \`node sdk.mjs --update\``);
    process.exitCode = 1;
  }
}
