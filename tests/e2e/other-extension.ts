/** Other extensions for a scenario: a stranger's, and ours with access to one more host. */
import { createHash, generateKeyPairSync } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Stage } from "./scenario.ts";

/** A stranger's extension that was written to disk. */
export interface OtherExtension {
  /** Pass it to the browser in `others`. */
  folder: string;
  /** Its empty page, relative to its origin. */
  page: string;
}

/**
 * Writes an extension with a page and the given rights, nothing else; deleted at the end.
 *
 * @param rights `permissions` and `host_permissions` of its manifest
 */
export async function makeExtension(stage: Stage, rights: object = {}): Promise<OtherExtension> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-stranger-"));
  stage.later(() => rm(folder, { recursive: true }));
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const manifest = {
    manifest_version: 3,
    name: "Stranger",
    version: "1",
    key: publicKey.export({ type: "spki", format: "der" }).toString("base64"),
    browser_specific_settings: { gecko: { id: "stranger@scenarios.test" } },
    // Firefox's default policy would upgrade http to https.
    content_security_policy: { extension_pages: "script-src 'self'" },
    ...rights,
  };
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
  await writeFile(join(folder, "try.html"), "<!doctype html><title>Stranger</title>");
  return { folder, page: "/try.html" };
}

/** The id that Chromium derives from an extension's key. */
export async function chromiumId(folder: string): Promise<string> {
  const { key } = JSON.parse(await readFile(join(folder, "manifest.json"), "utf8"));
  // without a key Chromium takes the path
  const named = key === undefined ? Buffer.from(folder) : Buffer.from(key, "base64");
  const digest = createHash("sha256").update(named).digest("hex").slice(0, 32);
  return digest.replace(/./g, (digit) => "abcdefghijklmnop"[Number.parseInt(digit, 16)] ?? "");
}

/** A copy of our extension that has access to one more host; deleted at the end. */
export async function withAccess(stage: Stage, host: string): Promise<string> {
  const folder = await copyOurs(stage);
  await changeManifest(folder, (manifest) => manifest.host_permissions.push(`*://${host}/*`));
  return folder;
}

/** A copy of our extension, to be updated; deleted at the end. */
export async function copyOurs(stage: Stage): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-copy-"));
  stage.later(() => rm(folder, { recursive: true }));
  await cp(stage.extension, folder, { recursive: true });
  return folder;
}

/** Makes the extension in this folder a newer version, which the browser's `update` installs. */
export function setVersion(folder: string, version: string): Promise<void> {
  return changeManifest(folder, (manifest) => {
    manifest.version = version;
  });
}

/** The part of a manifest that these scenarios change. */
interface Manifest {
  version: string;
  host_permissions: string[];
}

async function changeManifest(folder: string, change: (manifest: Manifest) => unknown): Promise<void> {
  const file = join(folder, "manifest.json");
  const manifest = JSON.parse(await readFile(file, "utf8"));
  change(manifest);
  await writeFile(file, JSON.stringify(manifest));
}
