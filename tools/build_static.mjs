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
  "htmx.org/dist/htmx.min.js",
  "swagger-ui-dist/swagger-ui.css",
  "swagger-ui-dist/swagger-ui-bundle.js",
  "tus-js-client/dist/tus.min.js",
];

// The reader of barcodes, as a script that needs no bundler, with the program that it was built for.
const detector = "barcode-detector/dist/iife/ponyfill.js";
const program = "zxing-wasm/dist/reader/zxing_reader.wasm";

// The bundles carry their own notices; these libraries keep theirs in a file beside them.
const notices = {
  "barcode-detector/LICENSE": "barcode-detector.LICENSE.txt",
  "htmx.org/LICENSE": "htmx.LICENSE.txt",
  "@expo-google-fonts/noto-sans/LICENSE_FONT": "NotoSans.LICENSE.txt",
  "@expo-google-fonts/noto-sans-tc/LICENSE_FONT": "NotoSansTC.LICENSE.txt",
  "lucide-static/LICENSE": "icons.LICENSE.txt",
  "swagger-ui-dist/LICENSE": "swagger-ui.LICENSE.txt",
  "swagger-ui-dist/NOTICE": "swagger-ui.NOTICE.txt",
  "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt": "swagger-ui-bundle.js.LICENSE.txt",
  "tus-js-client/LICENSE": "tus-js-client.LICENSE.txt",
  "zxing-wasm/LICENSE": "zxing-wasm.LICENSE.txt",
};

// The letters of printed papers: Latin, Greek, Cyrillic, and Chinese in its traditional forms.
const fonts = {
  "@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf": "NotoSans-Regular.ttf",
  "@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf": "NotoSans-Bold.ttf",
  "@expo-google-fonts/noto-sans-tc/400Regular/NotoSansTC_400Regular.ttf": "NotoSansTC-Regular.ttf",
  "@expo-google-fonts/noto-sans-tc/700Bold/NotoSansTC_700Bold.ttf": "NotoSansTC-Bold.ttf",
};

// Source maps are not shipped, and a pointer to a missing one is a 404 in every developer's console.
const sourceMap = /\n?(\/\/# sourceMappingURL=\S+|\/\*# sourceMappingURL=[^*]+\*\/)\s*$/;

// One file with the icons that pages use (tools/icons.txt): <svg><use href="icons.svg#name"/></svg> in the text's colour.
async function icons() {
  const names = (await readFile(join(root, "tools", "icons.txt"), "utf8")).split("\n").filter(Boolean);
  const symbols = names.map(async (name) => {
    const text = await readFile(join(modules, "lucide-static", "icons", `${name}.svg`), "utf8");
    const shapes = text.slice(text.indexOf(">", text.indexOf("<svg")) + 1, text.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24">${shapes.replace(/\s+/g, " ").trim()}</symbol>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg">${(await Promise.all(symbols)).join("\n")}</svg>\n`;
}

// The script works with one build of the program only, and says with which: any other fails in the browser without a reason.
async function matching(script) {
  const bytes = await readFile(join(modules, program));
  const hash = createHash("sha256").update(bytes).digest("hex");
  if (!script.includes(hash)) throw new Error(`${program} is not what barcode-detector was built with`);
  return bytes;
}

async function build() {
  const staging = `${target}.new`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { recursive: true });
  const manifest = {};
  const write = async (name, content) => {
    await writeFile(join(staging, name), content);
    manifest[name] = createHash("sha256").update(content).digest("hex");
  };
  for (const file of files) {
    await write(basename(file), (await readFile(join(modules, file), "utf8")).replace(sourceMap, "\n"));
  }
  const script = await readFile(join(modules, detector), "utf8");
  await write("barcode-detector.js", script.replace(sourceMap, "\n"));
  await write(basename(program), await matching(script));
  await write("icons.svg", await icons());
  for (const [file, name] of Object.entries(fonts)) {
    await copyFile(join(modules, file), join(staging, name));
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
