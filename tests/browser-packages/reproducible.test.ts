/** Everyone who builds the packages gets the same bytes, including a reviewer with the sources archive (T21). */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findFile, ROOT, runWxt } from "./build.ts";
import { unzip } from "./unzip.ts";

let folder = "";
let sources: string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "sessions-packages-"));
  for (const browser of ["chrome", "firefox"] as const) await runWxt("zip", browser, ROOT, at("first"));
  sources = unpackSources(findFile(at("first"), "-sources.zip"), at("elsewhere"));
  for (const browser of ["chrome", "firefox"] as const) {
    await runWxt("zip", browser, at("elsewhere"), at("second"));
  }
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(["chrome", "firefox"])(
  "the package for %s is rebuilt byte for byte from the sources archive",
  (browser) => {
    expect(hash(findFile(at("second"), `-${browser}.zip`))).toBe(
      hash(findFile(at("first"), `-${browser}.zip`)),
    );
  },
);

it("the sources archive rebuilt from itself is the same archive", () => {
  const [second, first] = ["second", "first"].map((name) => hash(findFile(at(name), "-sources.zip")));
  expect(second).toBe(first);
});

it("the sources archive contains the extension's sources and build instructions, but no tests and no build", () => {
  for (const needed of ["package-lock.json", "wxt.config.ts", "docs/review.md", "LICENSE"]) {
    expect(sources).toContain(needed);
  }
  expect(sources.filter((name) => /^(?:tests|examples|node_modules|\.)|(?:^|\/)dist\//.test(name))).toEqual(
    [],
  );
});

it("a package contains no path of another machine's folders", () => {
  const names = unzip(findFile(at("first"), "-firefox.zip"), at("unpacked"));
  for (const name of names) {
    expect(readFileSync(join(at("unpacked"), name), "latin1"), name).not.toContain(ROOT);
  }
});

const at = (name: string) => join(folder, name);

/** Unpacks to another place, with old timestamps, and the packages that `npm ci` would install there. */
function unpackSources(archive: string, to: string): string[] {
  const names = unzip(archive, to);
  const longAgo = new Date("2001-02-03T04:05:06Z");
  for (const name of names) utimesSync(join(to, name), longAgo, longAgo);
  const modules = join(to, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, "node_modules"))) {
    if (name !== "session-bridge") symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  }
  symlinkSync(join(to, "server-bridge"), join(modules, "session-bridge"));
  return names;
}

function hash(path: string): string {
  return createHash("sha256").update(readFileSync(path)).digest("hex");
}
