/** Builds and packs the library, in a separate folder, so that nothing in the repository changes. */
import { cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../machine/failure.ts";
import { ROOT, run } from "../machine/program.ts";

const SOURCE = join(ROOT, "server-bridge");

/** The library's package.json. */
export const MANIFEST = join(SOURCE, "package.json");

/** The library, built and packed. */
interface PackedLibrary {
  /** The package's folder before it was packed. */
  built: string;
  /** The packed file. */
  tarball: string;
}

/** @param folder an existing folder to work in */
export async function packLibrary(folder: string): Promise<PackedLibrary> {
  const built = join(folder, "built");
  await mkdir(built);
  await runTool("tsc", ["-p", join(SOURCE, "tsconfig.build.json"), "--outDir", join(built, "dist")], ROOT);
  for (const name of ["package.json", "README.md", "LICENSE"])
    await cp(join(SOURCE, name), join(built, name));
  await runTool("npm", ["pack", "--silent", "--ignore-scripts"], built);
  const packed = (await readdir(built)).find((name) => name.endsWith(".tgz"));
  if (packed === undefined) throw new Failure("npm pack made no file.");
  return { built, tarball: join(built, packed) };
}

async function runTool(name: string, args: readonly string[], cwd: string): Promise<void> {
  const ended = await run(name, args, { cwd });
  if (ended.code !== 0) throw new Failure(`${name} failed:\n${ended.output.trim()}`);
}
