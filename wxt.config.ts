/** What the browsers are told about the extension: one manifest, MV3 in both. */
import { defineConfig } from "wxt";

const loopbackHosts = ["*://localhost/*", "*://*.localhost/*", "*://127.0.0.1/*", "*://[::1]/*"];

/**
 * What our own pages may load: their own files, and answers of the servers that they ask. Plain HTTP is among those,
 * because development servers speak it; the frame is the empty page from which Firefox's panel evaluates.
 */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "frame-src 'self'",
  "connect-src http: https:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

export default defineConfig({
  imports: false,
  manifestVersion: 3,
  modules: ["@wxt-dev/webextension-polyfill"],
  vite: () => ({
    resolve: { conditions: ["sessions-source", "module", "browser", "development|production"] },
    // Whatever NODE_ENV says: the development form would put the paths of this machine into the package.
    oxc: { jsx: { runtime: "automatic", importSource: "preact", development: false } },
  }),
  // What a reviewer builds the same package from, as docs/review.md says; not the tests, not the library's engines.
  zip: {
    includeSources: [
      "{components,entrypoints,extension,public}/**",
      "server-bridge/{package,tsconfig}.json",
      "server-bridge/src/protocol/**",
      "package{,-lock}.json",
      "{tsconfig,wxt.config}.*",
      "docs/review.md",
      "LICENSE",
    ],
  },
  manifest: ({ browser }) => ({
    name: "Sessions DevTools",
    description:
      "A Sessions tab in DevTools: session cookies with live countdowns, and the server's session, request by request.",
    permissions: ["cookies", "webRequest", "storage"],
    host_permissions: loopbackHosts,
    optional_host_permissions: ["*://*/*"],
    content_security_policy: { extension_pages: PAGE_POLICY },
    ...(browser === "firefox"
      ? {
          browser_specific_settings: {
            gecko: {
              id: "sessions@sessions-devtools.dev",
              strict_min_version: "142.0",
              data_collection_permissions: { required: ["none"] },
            },
          },
        }
      : {
          minimum_chrome_version: "129",
          externally_connectable: { ids: [] },
          // Spanning, the default, leaves the panel of an incognito tab without its devtools page. Firefox has no split.
          incognito: "split",
        }),
  }),
});
