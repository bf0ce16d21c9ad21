/** Every picture that the pages show is there, small, and made by `npm run shots`; none lies about unused. */
import { readdirSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { DEMO, WRITERS } from "../panel/harness/demo.ts";
import { fileOf, MAX_BYTES, PICTURES } from "../panel/harness/pictures.ts";
import { createMemoryServer } from "../panel/memory-ports/server.ts";
import { listFiles, ROOT, readText } from "./files.ts";

const FOLDER = "docs/pictures";
const SHOWN = /(?:!\[[^\]]*\]\(|\bsrc(?:set)?=")([^)"\s]+\.(?:png|jpe?g|gif|webp|svg))/g;

const pages = listFiles().filter(
  (path) => ["README.md", "server-bridge/README.md"].includes(path) || /^docs\/.*\.md$/.test(path),
);
const shown = pages.flatMap((page) =>
  [...readText(page).matchAll(SHOWN)].map((match) => posix.join(posix.dirname(page), match[1] ?? "")),
);
const there = readdirSync(join(ROOT, FOLDER)).map((file) => `${FOLDER}/${file}`);
const made = PICTURES.map((picture) => `${FOLDER}/${fileOf(picture)}`);

describe("the pictures of the pages", () => {
  it("stand in the README and the pages", () => {
    expect(shown).toContain(`${FOLDER}/login-light.png`);
  });

  it("are there, and those that are there are shown", () => {
    expect(there.sort()).toEqual([...new Set(shown)].sort());
  });

  it("are those that npm run shots makes", () => {
    expect([...new Set(shown)].sort()).toEqual([...made].sort());
  });

  it.each(Object.entries(WRITERS))("show the line of the demo that writes %s", (key, line) => {
    expect(readText(DEMO).split("\n")[line - 1]).toMatch(new RegExp(`session.*["]${key}["]`));
  });

  it("show the version that there is", () => {
    expect(createMemoryServer(Date.now).hello.library).toEqual({
      name: "session-bridge",
      version: JSON.parse(readText("server-bridge/package.json")).version,
    });
  });

  it.each(there)("%s is small", (file) => {
    expect(statSync(join(ROOT, file)).size).toBeLessThan(MAX_BYTES);
  });
});
