/** "Where do I put…" in docs/develop.md: three files for each change, which exist; and three changes were made with only those. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT, readText } from "../house/files.ts";
import { readSource } from "../house/source.ts";

const ROW = /^\| ([^|]+?) \| ((?:`[^`|]+`(?:, )?)+) \| [^|]+ \|$/gm;

const page = readText("docs/develop.md");
const section = page.slice(page.indexOf("## Where do I put"), page.indexOf("## Commands"));
const rows = [...section.matchAll(ROW)].map(([, change = "", files = ""]) => ({
  change,
  files: files.split(", ").map((file) => file.replaceAll("`", "")),
}));

/** The changes that this folder makes, by their names on the page. */
const MADE = {
  "an engine": "tests/guides/map-engine.test.ts",
  'a sentence of "Why?"': "tests/guides/why-rule.test.ts",
  "a column of the timeline": "tests/guides/timeline-column.test.tsx",
};

/** A view that is only rendered need not be understood. */
function isView(file: string | null, names: readonly string[]): boolean {
  return file?.endsWith(`/${names.join()}.tsx`) ?? false;
}

describe("where to put a change", () => {
  it("is listed for ten or more changes", () => {
    expect(rows.length).toBeGreaterThanOrEqual(10);
  });

  it.each(rows)("three existing files: $change", ({ files }) => {
    expect(files).toHaveLength(3);
    expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it.each(Object.entries(MADE))(
    "%s was made with those files, and no other shipped file",
    (change, guide) => {
      const told = rows.find((row) => row.change === change)?.files ?? [];
      const taken = readSource(guide).imports.flatMap(({ file, names }) =>
        isView(file, names) ? [] : (file ?? []),
      );
      const shipped = taken.filter((file) =>
        /^(server-bridge|extension|components|entrypoints)\//.test(file),
      );
      expect(shipped.length).toBeGreaterThan(0);
      expect(shipped.filter((file) => !told.includes(file))).toEqual([]);
    },
  );
});
