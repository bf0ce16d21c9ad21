/** `npm run pack`: the file to install in an app, and what a release needs besides. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { MANIFEST } from "../../scripts/pack/pack-library.ts";
import { readMissing, sayMissing } from "../../scripts/pack/release-fields.ts";
import { sayPacked } from "../../scripts/pack/say-packed.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(MANIFEST, "utf8"));

describe("npm run pack", () => {
  it("prints the line to type in an app, with the path of the file", async () => {
    const { stdout } = await run(process.execPath, [join(ROOT, "scripts/pack/main.ts")]);
    const path = join(ROOT, `.output/session-bridge-${manifest.version}.tgz`);
    expect(stdout).toContain(`npm install ${path}\n`);
    const { stdout: files } = await run("tar", ["-tzf", path]);
    expect(files).toContain("package/dist/index.js");
  }, 60_000);

  it("needs the address of the sources and the page for a release, and names what is missing", () => {
    expect(readMissing({ repository: "github:me/shop", homepage: "https://shop.example" })).toEqual([]);
    expect(sayMissing([])).toBeNull();
    expect(sayMissing(readMissing({ homepage: "" }))).toContain(
      "has no repository and no homepage. Add them",
    );
    expect(sayMissing(readMissing({ repository: "github:me/shop" }))).toContain("has no homepage. Add it");
  });

  it.runIf(readMissing(manifest).length > 0)(
    "fails with --release in one sentence while they are missing",
    async () => {
      const failed = run(process.execPath, [join(ROOT, "scripts/pack/main.ts"), "--release"]);
      await expect(failed).rejects.toMatchObject({
        code: 1,
        stderr: `\n${sayMissing(readMissing(manifest))}\n`,
      });
    },
  );
});

describe("what npm run pack prints", () => {
  const output = mkdtempSync(join(tmpdir(), "sessions-output-"));
  afterAll(() => rmSync(output, { recursive: true }));
  const commandIn = (text: string) => /^ {2}npm install (.*)$/m.exec(text)?.[1] ?? "";

  it("says that the extension is built only when it is built for both browsers, and then by whom", () => {
    expect(sayPacked("/x.tgz", output)).toContain(`The extension, after npm run build: ${output}`);
    mkdirSync(join(output, "chrome-mv3"));
    expect(sayPacked("/x.tgz", output)).toContain("The extension, after npm run build: ");
    mkdirSync(join(output, "firefox-mv3"));
    expect(sayPacked("/x.tgz", output)).toContain("The extension, as npm run build last built it: ");
  });

  it.each(["/a/b.tgz", "/my $HOME/`id`.tgz", '/it\'s "here"/!x.tgz', "/a;b&c.tgz"])(
    "names the file so that a shell passes it on: %s",
    (path) => {
      const typed = commandIn(sayPacked(path, output, "linux"));
      expect(execFileSync("sh", ["-c", `printf %s ${typed}`], { encoding: "utf8" })).toBe(path);
    },
  );

  it("names the file in double quotes, and with single backslashes, for Windows", () => {
    const path = "C:\\My apps\\b.tgz";
    expect(commandIn(sayPacked(path, output, "win32"))).toBe(`"${path}"`);
  });
});
