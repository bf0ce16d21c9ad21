/** What the extension stores (T19): preferences are on disk, everything else is in memory until the browser closes. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

/** APIs that write to disk or to other computers. */
const LASTING =
  /storage\.(?:local|sync|managed)|\blocalStorage(?:\.|\[)|indexedDB|\bcaches\.|document\.cookie|showSaveFilePicker|storage\.getDirectory/;

const files = ["entrypoints", "components", "extension"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
);

/** The lines of code that use lasting storage; comments do not count. */
function findLasting(file: string): string[] {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  return lines
    .map((line) => line.trim())
    .filter((line) => LASTING.test(line) && !/^(?:\*|\/\*|\/\/)/.test(line));
}

it("only the panel's preferences are kept on disk, and the options page can forget them", () => {
  expect(files.length).toBeGreaterThan(50);
  expect(
    Object.fromEntries(files.map((file) => [file, findLasting(file)]).filter(([, lines]) => lines?.length)),
  ).toEqual({
    "extension/models/site-access.ts": ['await storage.local.remove("preferences");'],
    "extension/ports/browser.ts": ["preferences: createPreferencesPort(storage.local),"],
  });
});
