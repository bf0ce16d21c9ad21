/** `npm run pack`: the file to install in an app, and what a release needs besides. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import { MANIFEST } from "../../scripts/pack/pack-library.ts";
import { sayUnready } from "../../scripts/pack/release-fields.ts";
import { sayPacked } from "../../scripts/pack/say-packed.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(MANIFEST, "utf8"));
const security = readFileSync(join(ROOT, "SECURITY.md"), "utf8");
const named = { repository: "github:me/shop", homepage: "https://shop.example" };

describe("npm run pack", () => {
  it("prints the line to type in an app, with the path of the file", async () => {
    const { stdout } = await run(process.execPath, [join(ROOT, "scripts/pack/main.ts")]);
    const path = join(ROOT, `.output/session-bridge-${manifest.version}.tgz`);
    expect(stdout).toContain(`npm install ${path}\n`);
    expect(stdout).toContain(`pip install -e ${join(ROOT, "server-bridge/django-package")}\n`);
    const { stdout: files } = await run("tar", ["-tzf", path]);
    expect(files).toContain("package/dist/index.js");
  }, 60_000);

  it("needs the address of the sources and the page for a release, and names what is missing", () => {
    expect(sayUnready(named, "> security@shop.example")).toBeNull();
    expect(sayUnready({ homepage: "" }, "")).toContain("has no repository and no homepage. Add them");
    expect(sayUnready({ repository: "github:me/shop" }, "")).toContain("has no homepage. Add it");
  });

  it("needs an address for reports in SECURITY.md for a release", () => {
    expect(sayUnready(named, "> `OWNER-ADDRESS-MISSING`: the owner puts an address here.")).toBe(
      "SECURITY.md has no address for reports. Replace OWNER-ADDRESS-MISSING with it.",
    );
    const both = sayUnready({}, "OWNER-ADDRESS-MISSING");
    expect(both).toMatch(/^server-bridge\/package\.json has no repository .* SECURITY\.md has no address/);
  });

  it.runIf(sayUnready(manifest, security) !== null)(
    "fails with --release and says what is missing",
    async () => {
      const failed = run(process.execPath, [join(ROOT, "scripts/pack/main.ts"), "--release"]);
      await expect(failed).rejects.toMatchObject({
        code: 1,
        stderr: `\n${sayUnready(manifest, security)}\n`,
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
