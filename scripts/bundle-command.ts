/** Bundles the command line: of hundreds of modules, each looked up by itself, it would wait longer than it works. */

import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { build, type Rolldown } from "vite";

/** What finds files by the place where it lies, or is no JavaScript. */
const apart = ["@resvg/resvg-js", "dejavu-fonts-ttf"];

/** Writes `cli/` into a folder of compiled sources: the command with the libraries that it uses, in few files.
 *
 * @param folder holds `src/`, as the compiler left it
 * @throws what the bundler finds wrong
 */
export async function bundleCommand(folder: string): Promise<void> {
  const target = join(folder, "cli");
  await build({
    root: folder,
    configFile: false,
    logLevel: "error",
    plugins: [ownPlaces(target), licences],
    ssr: { noExternal: true, external: apart },
    build: {
      ssr: true,
      outDir: target,
      target: "node22",
      minify: false,
      rolldownOptions: {
        input: { main: join(folder, "src", "cli", "main.js") },
        output: { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" },
      },
    },
  });
}

/** A module that looks for files beside itself finds them where they are: beside what it was made from. */
function ownPlaces(target: string): Rolldown.Plugin {
  return {
    name: "own-places",
    transform(code, id) {
      if (!code.includes("import.meta.url") || id.includes("node_modules")) return null;
      const place = relative(target, id).split(sep).join("/");
      const url = `new URL(${JSON.stringify(place)}, import.meta.url).href`;
      return { code: code.replaceAll("import.meta.url", url), map: null };
    },
  };
}

/** The licences of the libraries that the bundle holds copies of. */
const licences: Rolldown.Plugin = {
  name: "licences",
  generateBundle(_, bundle) {
    const folders = new Set<string>();
    for (const part of Object.values(bundle)) {
      for (const id of part.type === "chunk" ? part.moduleIds : []) {
        const [folder] = /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+/.exec(id) ?? [];
        if (folder !== undefined) folders.add(folder);
      }
    }
    const source = [...folders].sort().map(licenceOf).join("\n");
    this.emitFile({ type: "asset", fileName: "LICENSES.txt", source });
  },
};

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : readFileSync(join(folder, file), "utf8");
  return `${name} ${version} (${license})\n\n${text.trim()}\n\n${"-".repeat(80)}\n`;
}
