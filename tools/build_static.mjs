// Copies the front-end libraries that pages need from node_modules into static/dist and writes
// manifest.json there: {"tabler.min.css": "<sha256>", ...}, for cache busting and integrity checks.
// No bundler: the libraries come minimised, and our own scripts are small enough to be served as they are.

import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, "node_modules");
const target = join(root, "static", "dist");

const files = [
  "@tabler/core/dist/css/tabler.min.css",
  "@tabler/core/dist/js/tabler.min.js",
  "swagger-ui-dist/swagger-ui.css",
  "swagger-ui-dist/swagger-ui-bundle.js",
];

// The bundles carry their own notices; these libraries keep theirs in a file beside them.
const notices = {
  "swagger-ui-dist/LICENSE": "swagger-ui.LICENSE.txt",
  "swagger-ui-dist/NOTICE": "swagger-ui.NOTICE.txt",
  "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.js.LICENSE.txt",
};

// Source maps are not shipped, and a pointer to a missing one is a 404 in every developer's console.
const sourceMap = /\n?(\/\/# sourceMappingURL=\S+|\/\*# sourceMappingURL=[^*]+\*\/)\s*$/;

async function build() {
  const staging = `${target}.new`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const manifest = {};
  for (const file of files) {
    const text = (await readFile(join(modules, file), "utf8")).replace(sourceMap, "\n");
    const name = basename(file);
    await writeFile(join(staging, name), text);
    manifest[name] = createHash("sha256").update(text, "utf8").digest("hex");
  }
  for (const [file, name] of Object.entries(notices)) {
    await copyFile(join(modules, file), join(staging, name));
  }
  await writeFile(join(staging, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await rm(target, { recursive: true, force: true });
  await rename(staging, target);
  console.log(`static/dist: ${Object.keys(manifest).length} files`);
}

await build();
