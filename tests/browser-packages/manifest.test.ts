/** What the extension asks of the stores and the user: the manifest of each browser, and a reason for each permission (T20). */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ROOT, readManifest, runWxt } from "./build.ts";

const BROWSERS = ["chrome", "firefox"] as const;

/** Everything that the extension may do. A new line here needs its reason in docs/security.md. */
const PERMISSIONS = ["cookies", "webRequest", "storage"];
const HOSTS = ["*://localhost/*", "*://*.localhost/*", "*://127.0.0.1/*", "*://[::1]/*"];
const OPTIONAL_HOSTS = ["*://*/*"];

let out = "";

beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), "sessions-manifest-"));
  for (const browser of BROWSERS) await runWxt("build", browser, ROOT, out);
});

afterAll(() => rmSync(out, { recursive: true, force: true }));

describe.each(BROWSERS)("the manifest for %s", (browser) => {
  it("asks for three permissions and loopback hosts, and for any other host only at the user's request", () => {
    const manifest = readManifest(out, browser);
    expect(manifest["permissions"]).toEqual(PERMISSIONS);
    expect(manifest["host_permissions"]).toEqual(HOSTS);
    expect(manifest["optional_host_permissions"]).toEqual(OPTIONAL_HOSTS);
    expect(manifest["optional_permissions"]).toBeUndefined();
  });

  it("injects no script into any page and accepts no messages from pages", () => {
    const manifest = readManifest(out, browser);
    expect(manifest["content_scripts"]).toBeUndefined();
    expect(manifest["web_accessible_resources"]).toBeUndefined();
    // Without this key, Chrome lets every other extension connect.
    const doors = browser === "chrome" ? { ids: [] } : undefined;
    expect(manifest["externally_connectable"]).toEqual(doors);
  });

  it("loads only its own files, and lets the panel use plain HTTP to a development server", () => {
    const policy = readManifest(out, browser)["content_security_policy"];
    expect(Object(policy).extension_pages.split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      "frame-src 'self'",
      "connect-src http: https:",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
    ]);
  });

  it("keeps incognito windows separate if the browser can", () => {
    expect(readManifest(out, browser)["incognito"]).toBe(browser === "chrome" ? "split" : undefined);
  });

  it("is a version 3 manifest", () => {
    expect(readManifest(out, browser)["manifest_version"]).toBe(3);
  });
});

it("tells Firefox that no data is collected or transmitted", () => {
  const gecko = { data_collection_permissions: { required: ["none"] } };
  expect(readManifest(out, "firefox")["browser_specific_settings"]).toMatchObject({ gecko });
});

it.each([...PERMISSIONS, ...HOSTS, ...OPTIONAL_HOSTS, "data_collection_permissions"])(
  "docs/security.md gives the reason for %s",
  (permission) => {
    const page = readFileSync(join(ROOT, "docs/security.md"), "utf8");
    const row = page.split("\n").find((line) => line.startsWith("|") && line.includes(`\`${permission}\``));
    expect(row?.split("|")[2]?.trim().length).toBeGreaterThan(20);
  },
);
