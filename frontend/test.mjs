// Bundles each test file and runs it with Node's own test runner: no other tool, under two seconds.
import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = join(dirname(fileURLToPath(import.meta.url)), "test");
const files = (await readdir(here)).filter((file) => file.endsWith(".test.ts"));
const out = await mkdtemp(join(here, ".built-"));
let code = 1;
try {
  await build({
    entryPoints: files.map((file) => join(here, file)),
    outdir: out,
    bundle: true,
    format: "esm",
    platform: "node",
    packages: "external",
    outExtension: { ".js": ".mjs" },
    logLevel: "warning",
  });
  const built = (await readdir(out)).map((file) => join(out, file));
  code = await new Promise((resolve) => {
    spawn(process.execPath, ["--test", "--test-reporter=spec", ...built], { stdio: "inherit" }).on(
      "exit",
      resolve,
    );
  });
} finally {
  await rm(out, { recursive: true, force: true });
}
process.exitCode = code ?? 1;
