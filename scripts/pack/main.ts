/**
 * `npm run pack`: builds and packs the library, and prints where the file is and the line to type in an app. With
 * `-- --release` it fails if the package does not name what a registry's page shows, or SECURITY.md has no address.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Failure, runCommand } from "../machine/failure.ts";
import { ROOT, stopPrograms } from "../machine/program.ts";
import { MANIFEST, packLibrary } from "./pack-library.ts";
import { sayUnready } from "./release-fields.ts";
import { sayPacked } from "./say-packed.ts";

const OUTPUT = join(ROOT, ".output");

await runCommand(async (later) => {
  later(stopPrograms);
  const security = await readFile(join(ROOT, "SECURITY.md"), "utf8");
  const missing = sayUnready(JSON.parse(await readFile(MANIFEST, "utf8")), security);
  if (missing !== null && process.argv.includes("--release")) throw new Failure(missing);
  const folder = await mkdtemp(join(tmpdir(), "sessions-pack-"));
  later(() => rm(folder, { recursive: true, force: true }));
  const { tarball } = await packLibrary(folder);
  await mkdir(OUTPUT, { recursive: true });
  const packed = join(OUTPUT, basename(tarball));
  await copyFile(tarball, packed);
  console.log(sayPacked(packed, OUTPUT));
  if (missing !== null) console.log(`\nBefore a release: ${missing}`);
  return 0;
});
