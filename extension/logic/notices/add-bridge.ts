/**
 * How to add a bridge to the page's own server: the sentence, and the lines to copy.
 *
 * `tests/extension/logic/add-bridge/runs.test.ts` puts each line into an app of that framework and calls the bridge.
 */
import { attachInSite, type HowToAdd, OWN_TABLE } from "./attach-in-site.ts";
import { type BridgeSource, sourceOf } from "./bridge-source.ts";
import { DJANGO_STEPS, djangoLines } from "./django-traces.ts";
import type { CopyLine } from "./notice.ts";
import {
  type NodeFramework,
  type NodeSite,
  type PageSigns,
  readPageServer,
  type SessionCookie,
} from "./page-server.ts";

/** Whose sessions a bridge reads, as the documentation lists them. */
const READ =
  "The bridge reads the sessions of session-bridge, express-session, @fastify/session, koa-session, cookie-session, iron-session, @fastify/secure-session, Better Auth, Auth.js, next-auth and Django, and those in your own table.";

const OTHERS =
  "For Next.js, SvelteKit, Better Auth, Auth.js and others, docs/sources.md has the lines in one table.";

/** @param origin of the page's server */
export function howToAdd(signs: PageSigns, origin: string): HowToAdd {
  const server = readPageServer(signs);
  switch (server.is) {
    case "node":
      return inNode(server.on, signs.cookie, server.proof);
    case "node-site":
      return signs.cookie?.framework === "Django"
        ? behindSite(server.on, server.proof, origin)
        : attachInSite(server, signs.cookie);
    case "kept-elsewhere":
      return { sentence: `${server.proof} ${server.sentence}` };
    case "python":
      return inPython(server.surely, server.proof, origin);
    case "like-django":
      return likeDjango(server.proof, origin);
    case "none":
      return { sentence: `${server.proof} There is no bridge for that yet. ${READ}` };
    case "unknown": {
      const { sentence, lines = [] } = inNode("Express", signs.cookie, "");
      return {
        sentence: `Add one to your server. In Express with express-session: ${sentence} ${OTHERS}`,
        lines,
      };
    }
  }
}

function inNode(framework: NodeFramework, cookie: SessionCookie | null, proof: string): HowToAdd {
  const source = sourceOf(framework, cookie);
  const place =
    framework === "any"
      ? "put these lines where the server starts"
      : `put these lines before ${source.importName === undefined ? "the session" : source.library}`;
  const install = `Install session-bridge in the app, ${place}, and start the app with NODE_ENV=development.`;
  const own = source.importName === "customSource" ? ` ${OWN_TABLE}` : "";
  return {
    sentence: `${proof === "" ? install : `${proof} ${install}`}${own}`,
    lines: [...importsOf(framework, source), { text: useOf(framework, source.code), what: "the line" }],
  };
}

function importsOf(framework: NodeFramework, { importName }: BridgeSource): CopyLine[] {
  const names: [names: string, from: string][] = [["openBridge", "session-bridge/bridge"]];
  if (importName !== undefined) names.push([importName, "session-bridge/sources"]);
  if (framework === "Hono") names.push(["getConnInfo", "@hono/node-server/conninfo"]);
  if (framework === "any") names.splice(0, 2, [`attachBridge, ${importName}`, "session-bridge/attach"]);
  const toText = (line: (name: string, from: string) => string) =>
    names.map(([name, from]) => line(name, from)).join("\n");
  return [
    {
      text: toText((name, from) => `import { ${name} } from "${from}";`),
      what: "the import",
      language: "ts",
    },
    {
      text: toText((name, from) => `const { ${name} } = require("${from}");`),
      what: "the import",
      language: "js",
    },
  ];
}

function useOf(framework: NodeFramework, source: string): string {
  const open = `openBridge(${source})`;
  switch (framework) {
    case "Express":
      return inDevelopment(`app.use(${open});`);
    case "Koa":
      return inDevelopment(`app.use(${open}.koa);`);
    case "Fastify":
      return inDevelopment(`fastify.addHook("onRequest", ${open}.fastify);`);
    case "Hono":
      return inDevelopment(`{
  const bridge = ${open};
  app.use((context, next) => {
    const peerAddress = getConnInfo(context).remote.address;
    const { httpVersion, socket } = context.env.incoming;
    return bridge.fetch(context.req.raw, { peerAddress, httpVersion, localPort: socket.localPort }, async () => {
      await next();
      return context.res;
    });
  });
}`);
    case "any":
      return inDevelopment(`attachBridge(${source});`);
  }
}

function inDevelopment(code: string): string {
  return `if (process.env.NODE_ENV === "development") ${code}`;
}

function inPython(surely: boolean, proof: string, origin: string): HowToAdd {
  const condition = surely
    ? "Its session cookie looks like Django's."
    : "If it runs Django, there is a bridge for it; for other Python frameworks there is none.";
  return { sentence: `${proof} ${condition} ${DJANGO_STEPS}`, lines: djangoLines(origin) };
}

/** Next.js and others often show the pages of an API on Django. */
function behindSite(site: NodeSite, proof: string, origin: string): HowToAdd {
  return {
    sentence: `${proof} This page's session cookie looks like Django's. If it is Django's, use these texts. ${DJANGO_STEPS} If it is that of session-bridge inside ${site}, no bridge follows it there yet: docs/loading.md shows withSessions in your own server, where openBridge(sessions) works.`,
    lines: djangoLines(origin),
  };
}

function likeDjango(proof: string, origin: string): HowToAdd {
  const { sentence, lines = [] } = inNode(
    "Express",
    { framework: "Django", name: "sessionid", value: "" },
    "",
  );
  const inExpress = sentence.replace("these lines", "the last two texts");
  return {
    sentence: `${proof} If it is Django, use the first three texts. ${DJANGO_STEPS} If it is Express with this library's sessions, whose cookie looks the same: ${inExpress}`,
    lines: [...djangoLines(origin), ...lines],
  };
}
