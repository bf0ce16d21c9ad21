/** Who may import whom. Each rule has an example violation, with which its test shows that it is detected. */

/** A rule about imports. */
export interface Rule {
  /** The rule as a sentence. */
  name: string;
  /** Files that the rule is about. */
  files: RegExp;
  /** Imports that break it: paths from the root, or names of packages. */
  forbidden: RegExp;
  /** True: importing types is allowed. */
  typesPass?: boolean;
  /** An import that violates it: the file, and what it imports. */
  breach: readonly [file: string, imported: string];
}

/** The browser's API, by its import names. */
const BROWSER = /^(wxt(\/.*)?|webextension-polyfill|@wxt-dev\/.*|#imports)$/;

export const RULES: readonly Rule[] = [
  {
    name: "core/ imports nothing outside itself",
    files: /^server-bridge\/src\/core\//,
    forbidden: /^(?!server-bridge\/src\/core\/|node:|lru-cache$|(pg|mysql2|redis)(\/|$))/,
    breach: ["server-bridge/src/core/session/write.ts", "../../protocol/trace.ts"],
  },
  {
    name: "protocol/ is a leaf",
    files: /^server-bridge\/src\/protocol\//,
    forbidden: /^(?!server-bridge\/src\/protocol\/)/,
    breach: ["server-bridge/src/protocol/trace.ts", "../core/errors.ts"],
  },
  {
    name: "messages/ is a leaf: of our code it imports only the protocol",
    files: /^extension\/messages\//,
    forbidden: /^(extension\/(?!messages\/)|entrypoints\/|components\/|server-bridge\/src\/(?!protocol\/))/,
    breach: ["extension/messages/tab-cookie.ts", "../ports/ports.ts"],
  },
  {
    name: "components/ import only components/ and extension/logic",
    files: /^components\//,
    forbidden:
      /^(extension\/(?!logic\/)|entrypoints\/|server-bridge\/|session-bridge|tests\/|wxt|webextension)/,
    breach: ["components/timeline/Timeline.tsx", "../../extension/models/index.ts"],
  },
  {
    name: "extension/logic is pure: it knows the messages and the protocol, and nothing with side effects",
    files: /^extension\/logic\//,
    forbidden: /^(extension\/(?!logic\/|messages\/)|entrypoints\/|components\/)/,
    breach: ["extension/logic/time-text.ts", "../ports/browser.ts"],
  },
  {
    name: "models do not know the browser: they import only the ports' interfaces",
    files: /^extension\/models\//,
    forbidden: /^extension\/(ports\/(?!ports\.ts$)|background|recorder)/,
    breach: ["extension/models/index.ts", "../ports/browser.ts"],
  },
  {
    name: "only ports, background, recorder and the doors know the browser",
    files: /^(components|extension\/(logic|messages|models)|entrypoints\/panel\/parts|server-bridge)\//,
    forbidden: BROWSER,
    breach: ["extension/models/index.ts", "webextension-polyfill"],
  },
  {
    name: "what the extension knows does not know its doors and views",
    files: /^extension\//,
    forbidden: /^(components|entrypoints)\//,
    breach: ["extension/models/index.ts", "../../components/timeline/Timeline.tsx"],
  },
  {
    name: "the demo is known only to its own place in the panel",
    files: /^(?!extension\/demo\/|entrypoints\/panel\/demo\/|tests\/)/,
    forbidden: /^extension\/demo\//,
    breach: ["entrypoints/panel/App.tsx", "../../extension/demo/demo-ports.ts"],
  },
  {
    name: "the demo reaches no browser and no real port",
    files: /^extension\/demo\//,
    forbidden:
      /^(wxt(\/.*)?|webextension-polyfill|extension\/(ports\/(?!ports\.ts$)|models|background|recorder))/,
    breach: ["extension/demo/demo-ports.ts", "../ports/browser.ts"],
  },
  {
    name: "the background and the recorder are known to their own doors only",
    files: /^(components|extension\/(?!background\/|recorder\/)|entrypoints\/(?!background\/|devtools\/))/,
    forbidden: /^extension\/(background|recorder)\//,
    breach: ["extension/ports/browser.ts", "../background/cookie-jar.ts"],
  },
  {
    name: "the extension takes only the protocol from the library",
    files: /^(entrypoints|components|extension)\//,
    forbidden: /^server-bridge\/src\/(?!protocol\/)/,
    breach: ["extension/models/index.ts", "session-bridge"],
  },
  {
    name: "the library takes nothing from the extension",
    files: /^server-bridge\//,
    forbidden: /^(entrypoints|components|extension|tests|scripts|examples)\//,
    breach: ["server-bridge/src/index.ts", "../../extension/logic/time-text.ts"],
  },
  {
    name: "frameworks, drivers and clients are the user's: only types of them are imported",
    files: /^server-bridge\/src\/(?!cli\/|testing\/|register\/)/,
    forbidden: /^(express|fastify|koa|hono|pg|pg-pool|mysql2|redis|express-session|@fastify|@redis)(\/.*)?$/,
    typesPass: true,
    breach: ["server-bridge/src/core/engines/databases/postgres.ts", "pg"],
  },
  {
    name: "what ships loads modules by fixed names; only a driver is found at run time",
    files: /^(server-bridge\/src\/(?!core\/engines\/driver\.ts$)|extension\/|components\/|entrypoints\/)/,
    forbidden: /^\(put together as it runs\)$/,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is planted as a template
    breach: ["extension/models/index.ts", "../ports/${name}.ts"],
  },
  {
    name: "Set-Cookie lines and their dates are read in one place, as browsers read them",
    files: /^(server-bridge\/src|extension|components|entrypoints)\//,
    forbidden: /^(set-cookie-parser|cookie|tough-cookie)$/,
    breach: ["extension/logic/cookie-rows.ts", "set-cookie-parser"],
  },
  {
    name: "nothing that runs imports a test, except the drivers that `npm start` also uses",
    files: /^(entrypoints|components|extension|server-bridge|examples|scripts)\//,
    forbidden: /^tests\/(?!e2e\/driver)/,
    breach: ["extension/ports/browser.ts", "../../tests/panel/memory-ports/world.ts"],
  },
];
