/**
 * How to add a bridge to a framework that takes no middleware, such as Next.js: the file to save, and what the app's own
 * code adds. Tests in `tests/apps` save these texts as they stand and start the app.
 */
import { type BridgeSource, sourceOf } from "./bridge-source.ts";
import type { CopyLine } from "./notice.ts";
import type { NodeSite, SessionCookie } from "./page-server.ts";

/** What the notice says after "No bridge answers". */
export interface HowToAdd {
  sentence: string;
  lines?: readonly CopyLine[];
}

/** About sessions that no library keeps. */
export const OWN_TABLE =
  "The functions are your own; only toKey and load are needed. docs/custom-source.md shows them in twenty lines.";

const WORKS_IN =
  "It works in Express, Connect, NestJS on Express, Fastify, Koa, Hono, Next.js, SvelteKit and node:http.";

const LIBRARIES = "Auth.js, next-auth, Better Auth or iron-session";

/** @param server what is known: which framework, and whether the server itself says so */
export function attachInSite(
  { on, surely, proof }: { on: NodeSite; surely: boolean; proof: string },
  cookie: SessionCookie | null,
): HowToAdd {
  switch (on) {
    case "Next.js":
      return inNext(surely ? proof : `${proof} In an app of Next.js:`, sourceOf(on, cookie));
    case "SvelteKit":
      return inSvelteKit(proof, sourceOf(on, cookie));
    case "Nuxt":
      return {
        sentence: `${proof} No bridge works in nuxt dev yet: it hides the caller's address from the app. ${WORKS_IN}`,
      };
    case "Remix":
      return {
        sentence: `${proof} There are no lines to copy for Remix yet. In React Router 8 with your own table, docs/next.md says where attachBridge stands. ${WORKS_IN}`,
      };
  }
}

function inNext(proof: string, source: BridgeSource): HowToAdd {
  const { trace } = source;
  const sentences = [
    proof,
    "Install session-bridge, save the first text as instrumentation.ts next to the folder app, or add its last lines to your register(), and start next dev again.",
    ...sayNeeds(source),
    ...(trace === undefined ? [] : [trace.sentence]),
  ];
  const guard = `process.env.NODE_ENV !== "development" || process.env.NEXT_RUNTIME !== "nodejs"`;
  return {
    sentence: sentences.join(" "),
    lines: [
      { text: starter("register", guard, source), what: "the file" },
      ...(trace === undefined
        ? []
        : [{ text: `import { ${trace.importName} } from "session-bridge/sources";`, what: "the import" }]),
    ],
  };
}

function inSvelteKit(proof: string, source: BridgeSource): HowToAdd {
  const sentences = [
    proof,
    "Install session-bridge, put this function into src/hooks.server.ts, and start vite dev again.",
    ...sayNeeds(source),
  ];
  return {
    sentence: sentences.join(" "),
    lines: [
      { text: starter("init", `process.env.NODE_ENV !== "development"`, source), what: "the function" },
    ],
  };
}

/** The function that the framework calls when its server starts. */
function starter(name: string, guard: string, { importName, code, needs }: BridgeSource): string {
  const names = importName === undefined ? "attachBridge" : `attachBridge, ${importName}`;
  return [
    `export async function ${name}() {`,
    `  if (${guard}) return;`,
    `  const { ${names} } = await import("session-bridge/attach");`,
    ...(needs === undefined ? [] : [`  const { ${needs.names} } = await import("${needs.from}");`]),
    `  attachBridge(${code});`,
    "}",
  ].join("\n");
}

/** What to change in the text before it runs, and what to do if the library is another one. */
function sayNeeds({ importName, needs, condition }: BridgeSource): string[] {
  if (importName === "ironSession")
    return ["The password and the cookie name are those of your iron-session."];
  const file = needs?.from.startsWith("./")
    ? [`${needs.from} is the file of your app that exports ${needs.names}.`]
    : [];
  if (condition !== undefined) return [condition];
  if (importName !== "customSource") return file;
  return [...file, `${OWN_TABLE} If the app has ${LIBRARIES}, log in first: then the lines here are for it.`];
}
