/** End-to-end tests: the same scenarios in real Chromium and real Firefox, on the built extension. */
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: "tests/e2e",
  outputDir: "out/test/e2e",
  timeout: 120_000, // some scenarios start a second browser, and quit it; on two busy cores that takes a minute
  workers: 2,
  fullyParallel: true,
  // A browser on a busy machine may stumble once; `npm test` names what needed a second try. `test:repeat` allows none.
  retries: 1,
  forbidOnly: process.env["CI"] === "true",
  reporter: "list",
  projects: [
    { name: "chromium", testMatch: "chromium.spec.ts" },
    { name: "firefox", testMatch: "firefox.spec.ts" },
    { name: "testing", testMatch: "testing.spec.ts" },
    { name: "panel", testMatch: "harness/*.spec.ts" },
    // Of `npm run test:field`; one that needs a second try got through once.
    { name: "attacks-chromium", testDir: "tests/attacks", testMatch: "chromium.spec.ts", retries: 0 },
    { name: "attacks-firefox", testDir: "tests/attacks", testMatch: "firefox.spec.ts", retries: 0 },
    // The set-ups in which people develop: the small ones in `npm test`, all in `npm run test:field`.
    { name: "setups-chromium", testDir: "tests/setups", testMatch: "chromium.spec.ts" },
    { name: "setups-firefox", testDir: "tests/setups", testMatch: "firefox.spec.ts" },
    // Apps of other libraries, as their documentation makes them. Next.js compiles a page when it is first asked for.
    ...["chromium", "firefox"].map((browser) => ({
      name: `apps-${browser}`,
      testDir: "tests/apps",
      testMatch: `${browser}.spec.ts`,
      timeout: 240_000,
    })),
    // Of the field again: two hundred logins in Django; twenty of them and a slow site take minutes.
    ...["chromium", "firefox"].map((browser) => ({
      name: `logins-${browser}`,
      testDir: "tests/field/django-logins",
      testMatch: `${browser}.spec.ts`,
      retries: 0,
      timeout: 900_000,
    })),
    // And what the tab says, in its case and in the counter-case.
    { name: "truth-chromium", testDir: "tests/truth", testMatch: "chromium.spec.ts", retries: 0 },
    { name: "truth-firefox", testDir: "tests/truth", testMatch: "firefox.spec.ts", retries: 0 },
  ],
});
