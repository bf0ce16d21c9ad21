/**
 * `npm run pack`: builds and packs the library, and prints where the file is and the line to type in an app of one's own.
 * With `-- --release` it ends with an error when the package does not name yet what a registry's page shows.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Failure, runCommand } from "../machine/failure.ts";
import { ROOT, stopPrograms } from "../machine/program.ts";
import { MANIFEST, packLibrary } from "./pack-library.ts";
import { readMissing, sayMissing } from "./release-fields.ts";
import { sayPacked } from "./say-packed.ts";

const OUTPUT = join(ROOT, ".output");

await runCommand(async (later) => {
  later(stopPrograms);
  const missing = sayMissing(readMissing(JSON.parse(await readFile(MANIFEST, "utf8"))));
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
