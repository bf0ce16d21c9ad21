/** What `npm run pack` prints: where the packed library is, the line to type in an app, and where the extension is. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** The Python package, which pip builds itself. */
const DJANGO_PACKAGE = join(import.meta.dirname, "../../server-bridge/django-package");

/**
 * @param packed the packed library
 * @param output the folder in which the extension is built
 * @param platform whose shell reads the line
 */
export function sayPacked(packed: string, output: string, platform: string = process.platform): string {
  const folders = ["chrome-mv3", "firefox-mv3"].map((name) => join(output, name));
  const built = folders.every((folder) => existsSync(folder))
    ? "as npm run build last built it"
    : "after npm run build";
  return `The library: ${packed}

In the folder of your app, type:

  npm install ${quotePath(packed, platform)}

In the environment of a Django site, type:

  pip install -e ${quotePath(DJANGO_PACKAGE, platform)}

The extension, ${built}: ${folders.join(" and ")}. npm run zip packs it for the stores.`;
}

/** The path as a shell reads it back. Names in Windows contain no double quote. */
function quotePath(path: string, platform: string): string {
  if (platform === "win32") return /^[\w./:\\-]+$/.test(path) ? path : `"${path}"`;
  return /^[\w./:-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
