/** The bundlers, each used as its documentation says for a program that Node runs: everything in one file. */
import { dirname } from "node:path";
import commonjs from "@rollup/plugin-commonjs";
import nodeResolve from "@rollup/plugin-node-resolve";
import * as esbuild from "esbuild";
import { rollup } from "rollup";
import webpack from "webpack";

/** The output's module format. */
export type Format = "cjs" | "esm";

/** One way to make a bundle. */
export interface Bundler {
  name: string;
  format: Format;
  /** True for a way that is only tested in the long run. */
  inField?: boolean;
  /** True if the bundler cannot make this format from an application with top-level await. */
  refusesAwait?: boolean;
  /**
   * Writes the bundle and its source map.
   *
   * @param entry path of the application's file
   * @param file  path of the bundle
   * @returns the bundler's warnings
   */
  bundle(entry: string, file: string): Promise<string[]>;
}

/** Every way. */
export const BUNDLERS: readonly Bundler[] = [
  {
    name: "esbuild",
    format: "cjs",
    refusesAwait: true,
    bundle: (entry, file) => runEsbuild({ entryPoints: [entry], outfile: file, format: "cjs" }),
  },
  {
    name: "esbuild",
    format: "esm",
    bundle: (entry, file) => runEsbuild({ entryPoints: [entry], outfile: file, format: "esm" }),
  },
  {
    name: "esbuild, minified",
    format: "cjs",
    inField: true,
    refusesAwait: true,
    bundle: (entry, file) => runEsbuild({ entryPoints: [entry], outfile: file, format: "cjs", minify: true }),
  },
  { name: "webpack", format: "cjs", bundle: (entry, file) => runWebpack(entry, file, "cjs", "production") },
  { name: "webpack", format: "esm", bundle: (entry, file) => runWebpack(entry, file, "esm", "production") },
  {
    name: "webpack, development",
    format: "cjs",
    inField: true,
    bundle: (entry, file) => runWebpack(entry, file, "cjs", "development"),
  },
  {
    name: "webpack, development",
    format: "esm",
    inField: true,
    bundle: (entry, file) => runWebpack(entry, file, "esm", "development"),
  },
  {
    name: "Rollup",
    format: "cjs",
    refusesAwait: true,
    bundle: (entry, file) => runRollup(entry, file, "cjs"),
  },
  { name: "Rollup", format: "esm", bundle: (entry, file) => runRollup(entry, file, "es") },
];

/** @source https://esbuild.github.io/getting-started/#bundling-for-node */
async function runEsbuild(options: esbuild.BuildOptions): Promise<string[]> {
  const { warnings } = await esbuild.build({
    ...options,
    bundle: true,
    platform: "node",
    sourcemap: true,
    logLevel: "silent",
  });
  return warnings.map(({ text }) => text);
}

/** @source https://webpack.js.org/concepts/targets/ and https://webpack.js.org/configuration/output/#outputmodule */
async function runWebpack(
  entry: string,
  file: string,
  format: Format,
  mode: "production" | "development",
): Promise<string[]> {
  const name = file.slice(dirname(file).length + 1);
  const compiler = webpack({
    mode,
    entry,
    context: dirname(entry),
    target: "node22",
    devtool: "source-map",
    output: { path: dirname(file), filename: name, ...(format === "esm" ? { module: true } : {}) },
    ...(format === "esm" ? { experiments: { outputModule: true } } : {}),
  });
  if (compiler === null) throw new Error("webpack made no compiler.");
  const stats = await new Promise<webpack.Stats>((resolve, reject) => {
    compiler.run((error, done) => {
      compiler.close(() => (done === undefined ? reject(error) : resolve(done)));
    });
  });
  const { errors = [], warnings = [] } = stats.toJson({ all: false, errors: true, warnings: true });
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  return warnings.map(({ message }) => message);
}

/** @source https://rollupjs.org/tools/ and https://github.com/rollup/plugins/tree/master/packages/node-resolve */
async function runRollup(entry: string, file: string, format: "cjs" | "es"): Promise<string[]> {
  const warnings: string[] = [];
  const bundle = await rollup({
    input: entry,
    plugins: [nodeResolve({ exportConditions: ["node"], preferBuiltins: true }), commonjs()],
    onwarn: ({ message }) => warnings.push(message),
  });
  await bundle.write({ file, format, sourcemap: true });
  await bundle.close();
  return warnings;
}
