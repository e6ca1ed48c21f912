// Builds the front end into src/civicline/web/static/build: hashed files and a manifest.json that maps
// logical names ("portal.css") to them. `--watch` builds again whenever a source changes.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { context } from "esbuild";

const root = dirname(fileURLToPath(import.meta.url));
const source = join(root, "src");
const out = join(root, "../src/civicline/web/static/build");
const watch = process.argv.includes("--watch");

// Two years of evergreen browsers, and the Safari that an iPhone 7 stops at.
const target = ["chrome104", "firefox103", "safari15.6"];
const common = {
  bundle: true,
  minify: true,
  sourcemap: false,
  metafile: true,
  target,
  outdir: out,
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  chunkNames: "part-[hash]",
  loader: { ".woff2": "file" },
  legalComments: "none",
  logLevel: "warning",
};

const pages = ["portal", "chat", "call", "desk", "board", "admin"];
const sheets = ["portal", "desk", "board", "admin"];
const builds = [
  {
    ...common,
    entryPoints: pages.map((name) => join(source, `${name}.ts`)),
    format: "esm",
    splitting: true,
  },
  // The widget runs on other people's sites: one plain script, nothing global, nothing shared.
  { ...common, entryPoints: [join(source, "widget.ts")], format: "iife" },
  { ...common, entryPoints: sheets.map((name) => join(source, "styles", `${name}.css`)) },
];

// Files that templates name directly, beside the entry points. The Latin face is the only one preloaded.
const named = {
  "atkinson-hyperlegible-next-latin-wght-normal.woff2": "latin.woff2",
};

function hashed(name, content) {
  const dot = name.lastIndexOf(".");
  const mark = createHash("sha256").update(content).digest("hex").slice(0, 8).toUpperCase();
  return `${name.slice(0, dot)}-${mark}${name.slice(dot)}`;
}

/** Logical and hashed name of each entry point and named file in esbuild's metafile. */
function entries(metafile) {
  const found = {};
  for (const [path, output] of Object.entries(metafile.outputs)) {
    const file = basename(path);
    if (output.entryPoint) {
      const name = basename(output.entryPoint).replace(/\.ts$/, ".js");
      found[name] = file;
    } else {
      for (const input of Object.keys(output.inputs)) {
        const alias = named[basename(input)];
        if (alias) found[alias] = file;
      }
    }
  }
  return found;
}

async function drawings() {
  const found = {};
  const folder = join(source, "icons");
  for (const name of (await readdir(folder)).filter((file) => file.endsWith(".svg"))) {
    const content = await readFile(join(folder, name));
    found[name] = hashed(name, content);
    await writeFile(join(out, found[name]), content);
  }
  return found;
}

/** Write the manifest in one step, then remove what no build names any more. */
async function publish(metafiles) {
  const manifest = await drawings();
  const kept = new Set(["manifest.json"]);
  for (const metafile of metafiles) {
    Object.assign(manifest, entries(metafile));
    for (const path of Object.keys(metafile.outputs)) kept.add(basename(path));
  }
  for (const file of Object.values(manifest)) kept.add(file);
  const sorted = Object.fromEntries(Object.entries(manifest).sort());
  const draft = join(out, `.manifest.${process.pid}.json`);
  await writeFile(draft, `${JSON.stringify(sorted, null, 2)}\n`);
  await rename(draft, join(out, "manifest.json"));
  for (const file of await readdir(out)) {
    if (!kept.has(file)) await rm(join(out, file), { force: true });
  }
  return sorted;
}

await mkdir(out, { recursive: true });
const results = new Map();
const report = {
  name: "publish",
  setup(build) {
    build.onEnd(async (result) => {
      if (result.errors.length > 0) return;
      results.set(build.initialOptions.entryPoints.join(), result.metafile);
      if (results.size === builds.length) {
        const manifest = await publish(results.values());
        const count = Object.keys(manifest).length;
        process.stdout.write(`${count} files in ${relative(process.cwd(), out)}\n`);
      }
    });
  },
};

// "As my computer" is the dark theme again, under the reader's own wish: written once, never out of step, no script.
const dark = /:root\[data-theme="dark"\][^{}]*\{[^{}]*\}/g;
const asTheComputer = {
  name: "as-the-computer",
  setup(build) {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const again = (rule) => rule.replace('[data-theme="dark"]', "[data-theme-auto]");
      const contents = css.replace(
        dark,
        (rule) => `${rule}\n@media (prefers-color-scheme: dark) { ${again(rule)} }`,
      );
      return { contents, loader: "css" };
    });
  },
};

const contexts = await Promise.all(
  builds.map((options) => context({ ...options, plugins: [asTheComputer, report] })),
);
if (watch) {
  await Promise.all(contexts.map((each) => each.watch()));
} else {
  try {
    await Promise.all(contexts.map((each) => each.rebuild()));
  } catch {
    process.exitCode = 1; // esbuild has already printed what is wrong and where
  } finally {
    await Promise.all(contexts.map((each) => each.dispose()));
  }
}
