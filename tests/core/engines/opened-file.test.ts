/** Whether the files of a SQLite database are still those that were opened. */
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OpenedFile } from "../../../server-bridge/src/core/engines/databases/opened-file.ts";

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "opened-file-"));
  path = join(directory, "file.db");
  writeFileSync(path, "contents");
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(directory, { recursive: true });
});

describe("the directory of an opened file", () => {
  it("is not quiet while a later change could have the same time, nor after a change", () => {
    const file = new OpenedFile(path);
    const changedMs = statSync(directory).mtimeMs;
    const now = vi.spyOn(Date, "now").mockReturnValue(changedMs + 10);
    expect([file.hasQuietDirectory(), file.hasQuietDirectory()]).toEqual([false, false]);
    now.mockReturnValue(changedMs + 100);
    expect([file.hasQuietDirectory(), file.hasQuietDirectory()]).toEqual([false, true]);
    utimesSync(directory, changedMs / 1000 + 1, changedMs / 1000 + 1); // as after a change
    expect(file.hasQuietDirectory()).toBe(false);
  });
});

describe("a database that was opened through a link", () => {
  it("has its -wal and -shm next to the file to which the link leads", () => {
    const real = join(directory, "real");
    mkdirSync(real);
    for (const end of ["", "-wal", "-shm"]) writeFileSync(join(real, `file.db${end}`), "contents");
    const link = join(directory, "link.db");
    symlinkSync(join(real, "file.db"), link);
    const file = new OpenedFile(link);
    expect(file.compare()).toBe("none");
    rmSync(join(real, "file.db-wal"));
    expect(file.compare()).toBe("log-gone");
    file.removeLog();
    expect(statSync(join(real, "file.db-shm"), { throwIfNoEntry: false })).toBeUndefined();
  });
});
