// node build.mjs SOURCES OUT: what browsers load, made of the client's modules.
//
// Each request costs time, and each file is packed alone, so there are few: `guidepath.js` with what
// asks, `drawing.js` with what is needed once there is something to draw, `shared.js` with what both
// need, and `inspect.js` for those who may look into it.

import { readdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";

const [sources, out] = process.argv.slice(2);
const require = createRequire(path.join(process.cwd(), "package.json"));
const [{ build }, { minify }] = [require("esbuild"), require("terser")];
const shape = { bundle: true, minify: true, format: "esm", target: "es2022", outdir: out, logLevel: "warning" };
const licence = "/*! guidepath, MIT licence */";
shape.banner = { js: licence, css: licence };

const DRAWING = ["words", "survey", "launcher", "stage", "firstpaint", "checklist", "render"];
// What is imported when it is needed comes in one file, which has all of it.
// In the order of DRAWING it is packed smallest.
const together = {
  name: "together",
  setup(builder) {
    builder.onResolve({ filter: /^\.\/\w+\.js$/ }, ({ path: name, kind }) => {
      if (kind !== "dynamic-import") return null;
      if (name === "./inspect.js") return { path: name, external: true };
      if (DRAWING.includes(name.slice(2, -3))) return { path: "drawing", namespace: "together" };
      return { errors: [{ text: `${name} is imported when needed; name it in DRAWING` }] };
    });
    builder.onResolve({ filter: /^drawing$/ }, () => ({ path: "drawing", namespace: "together" }));
    builder.onLoad({ filter: /.*/, namespace: "together" }, () => ({
      contents: DRAWING.map((one) => `export * from "./${one}.js";`).join("\n"),
      resolveDir: sources,
    }));
  },
};

const entry = (name) => path.join(sources, name);
await build({
  ...shape,
  entryPoints: { guidepath: entry("guidepath.js"), drawing: "drawing" },
  splitting: true,
  chunkNames: "shared",
  plugins: [together],
});
await build({ ...shape, entryPoints: [entry("inspect.js")] });
const sheets = (await readdir(sources)).filter((name) => name.endsWith(".css"));
await build({ ...shape, entryPoints: sheets.map(entry) });

// Another twentieth less.
for (const name of (await readdir(out)).filter((one) => one.endsWith(".js"))) {
  const file = path.join(out, name);
  const { code } = await minify(await readFile(file, "utf8"), { module: true, compress: { passes: 3, pure_getters: true, unsafe: true } });
  await writeFile(file, `${code}\n`);
}
