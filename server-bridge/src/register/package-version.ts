/** Which version of a library an app has: defaults, such as a cookie's name, differ between versions. */
import { readFileSync } from "node:fs";

/**
 * Version of the package that the module belongs to, `7.0.2`.
 *
 * @param url address of the module, `file:///app/node_modules/koa-session/index.js`
 * @returns null where no package of that name is around the module
 */
export function findVersion(name: string, url: string): string | null {
  for (let folder = parent(url); folder !== null; folder = parent(folder.href)) {
    const found = readPackage(folder);
    if (found?.["name"] !== name) continue;
    const version = found["version"];
    return typeof version === "string" && /^\d{1,9}\.[\w.+-]{1,60}$/.test(version) ? version : null;
  }
  return null;
}

/** The major number of a version; null for one that is not known. */
export function toMajor(version: string | null): number | null {
  return version === null ? null : Number.parseInt(version, 10);
}

/** The folder that this file or folder is in; null at the root, and for what is no file. */
function parent(url: string): URL | null {
  if (!url.startsWith("file:")) return null;
  const folder = new URL(url.endsWith("/") ? ".." : ".", url);
  return folder.href === url ? null : folder;
}

function readPackage(folder: URL): Record<string, unknown> | null {
  try {
    return JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
  } catch {
    return null; // there is none here; another may be further up
  }
}
