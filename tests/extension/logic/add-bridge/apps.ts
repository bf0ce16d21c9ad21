/** A small real app for each library and framework, around the lines that the panel offers. */
import type { SessionCookie } from "../../../../extension/logic/notices/page-server.ts";

/** An app as its users have it, and what the panel sees of it. */
export interface App {
  name: string;
  /** What its responses say about the server. */
  server: readonly string[];
  /** The session cookie that the panel sees; null before the first visit. */
  cookie: SessionCookie | null;
  /** The cookie that the app really sets. */
  sets: string;
  /** What the app imports: the package, and the names; a name alone is the default export. */
  imports: readonly (readonly [names: string, from: string])[];
  /** Before the offered lines. */
  before: string;
  /** After them: the session, a page at `/` that logs in, and the server. */
  after: string;
}

const EXPRESS = ["x-powered-by: Express"];
const SECRET = "const secret = 'a secret of these tests, longer than thirty-two characters';";
const LISTEN = "listen(0, '127.0.0.1', function () { console.log('port ' + this.address().port); });";
const SERVE = `app.get('/', (request, response) => { request.session.user_id = 123; response.send('ok'); });\napp.${LISTEN}`;
const FASTIFY_LISTEN =
  "fastify.listen({ port: 0, host: '127.0.0.1' }).then(() => console.log('port ' + fastify.server.address().port));";
const OWN =
  "const sessions = createSessions({ secretKey: 'fifty characters that only these tests know of', engine: cache('memory:') });";

const seen = (framework: string, name: string, value = ""): SessionCookie => ({ framework, name, value });

function express(options: string, session: string): Pick<App, "before" | "after"> {
  return {
    before: `${SECRET}\nconst keys = [secret];\nconst app = express();`,
    after: `app.use(${session}(${options}));\n${SERVE}`,
  };
}

const SESSION = "{ secret, resave: false, saveUninitialized: true }";
const KOA_STORE =
  "const kept = new Map();\nconst store = { get: async (key) => kept.get(key), set: async (key, data) => void kept.set(key, data), destroy: async (key) => void kept.delete(key) };";

function koa(options: string): Pick<App, "before" | "after" | "server" | "imports"> {
  return {
    server: [],
    imports: [
      ["Koa", "koa"],
      ["koaSession_", "koa-session"],
    ],
    before: `${SECRET}\nconst app = new Koa();\napp.keys = [secret];\n${KOA_STORE}`,
    after: `app.use(koaSession_(${options}, app));\napp.use((context) => { context.session.user_id = 123; context.body = 'ok'; });\napp.${LISTEN}`,
  };
}

/** Every library that has a source, in the frameworks in which it is used. */
export const APPS: readonly App[] = [
  {
    ...{ name: "Express without a cookie yet", server: EXPRESS, cookie: null, sets: "connect.sid" },
    ...express(SESSION, "session"),
    imports: [
      ["express", "express"],
      ["session", "express-session"],
    ],
  },
  {
    name: "Express with express-session under another name",
    ...{ server: EXPRESS, cookie: seen("Express", "sid"), sets: "sid" },
    ...express("{ secret, name: 'sid', resave: false, saveUninitialized: true }", "session"),
    imports: [
      ["express", "express"],
      ["session", "express-session"],
    ],
  },
  {
    ...{ name: "an unknown server", server: [], cookie: null, sets: "connect.sid" },
    ...express(SESSION, "session"),
    imports: [
      ["express", "express"],
      ["session", "express-session"],
    ],
  },
  {
    ...{ name: "Connect", server: [], cookie: seen("Express", "connect.sid"), sets: "connect.sid" },
    imports: [
      ["connect", "connect"],
      ["session", "express-session"],
    ],
    before: `${SECRET}\nconst app = connect();`,
    after: `app.use(session(${SESSION}));\napp.use((request, response) => { request.session.user_id = 123; response.end('ok'); });\napp.${LISTEN}`,
  },
  {
    name: "Express with cookie-session",
    ...{ server: EXPRESS, cookie: seen("cookie-session", "session"), sets: "session" },
    ...express("{ keys }", "session"),
    imports: [
      ["express", "express"],
      ["session", "cookie-session"],
    ],
  },
  {
    name: "Express with cookie-session 1",
    ...{ server: EXPRESS, cookie: seen("Express", "express:sess.sig"), sets: "express:sess" },
    ...express("{ keys }", "session"),
    imports: [
      ["express", "express"],
      ["session", "cookie-session-1"],
    ],
  },
  {
    name: "Express with the sessions of session-bridge",
    ...{ server: EXPRESS, cookie: seen("Django", "sessionid"), sets: "sessionid" },
    imports: [
      ["express", "express"],
      ["{ createSessions, cache }", "session-bridge"],
      ["{ sessionMiddleware }", "session-bridge/node"],
    ],
    before: `${OWN}\nconst app = express();`,
    after: `app.use(sessionMiddleware(sessions));\n${SERVE}`,
  },
  {
    ...{ name: "iron-session", server: [], cookie: seen("iron-session", "my_session"), sets: "my_session" },
    imports: [
      ["express", "express"],
      ["{ getIronSession }", "iron-session"],
    ],
    before: `${SECRET}\nconst password = secret;\nconst app = express();`,
    after: `app.get('/', async (request, response) => {
  const session = await getIronSession(request, response, { password, cookieName: 'my_session', cookieOptions: { secure: false } });
  session.user_id = 123;
  await session.save();
  response.send('ok');
});\napp.${LISTEN}`,
  },
  {
    ...{
      name: "@fastify/session",
      server: [],
      cookie: seen("Fastify", "sessionId", "k.s"),
      sets: "sessionId",
    },
    imports: [
      ["Fastify", "fastify"],
      ["cookie", "@fastify/cookie"],
      ["plugin", "@fastify/session"],
    ],
    before: `${SECRET}\nconst fastify = Fastify();\nconst store = new plugin.MemoryStore(new Map());`,
    after: `fastify.register(cookie);\nfastify.register(plugin, { secret, store, cookie: { secure: false } });
fastify.get('/', async (request) => { request.session.user_id = 123; return 'ok'; });\n${FASTIFY_LISTEN}`,
  },
  {
    name: "@fastify/secure-session",
    ...{ server: [], cookie: seen("Fastify", "session", "sealed%3Bnonce"), sets: "session" },
    imports: [
      ["Fastify", "fastify"],
      ["plugin", "@fastify/secure-session"],
    ],
    before: "const key = Buffer.alloc(32, 7);\nconst fastify = Fastify();",
    after: `fastify.register(plugin, { key, cookie: { path: '/' } });
fastify.get('/', async (request) => { request.session.set('user_id', 123); return 'ok'; });\n${FASTIFY_LISTEN}`,
  },
  {
    ...{ name: "koa-session with a store", cookie: seen("Koa", "koa.sess", "0f6a"), sets: "koa.sess" },
    ...koa("{ store }"),
  },
  {
    name: "koa-session without a store",
    ...{ cookie: seen("Koa", "koa.sess", "eyJ1c2VyX2lkIjoxMjN9"), sets: "koa.sess" },
    ...koa("{}"),
  },
  {
    ...{ name: "Hono", server: ["x-powered-by: Hono"], cookie: null, sets: "sessionid" },
    imports: [
      ["{ Hono }", "hono"],
      ["{ serve }", "@hono/node-server"],
      ["{ createSessions, cache }", "session-bridge"],
      ["{ sessionMiddleware }", "session-bridge/fetch"],
    ],
    before: `${OWN}\nconst app = new Hono();`,
    after: `app.use(sessionMiddleware(sessions));
app.get('/', (context) => { context.var.session.user_id = 123; return context.text('ok'); });
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log('port ' + port));`,
  },
];

/** The app as one file, with the offered lines where they belong. */
export function toFile(app: App, language: "ts" | "js", lines: readonly string[]): string {
  const imports = app.imports.map(([names, from]) => {
    if (language === "ts") return `import ${names} from ${JSON.stringify(from)};`;
    const loaded = `require(${JSON.stringify(from)})`;
    return names.startsWith("{") ? `const ${names} = ${loaded};` : `const ${names} = toDefault(${loaded});`;
  });
  const toDefault =
    language === "js" ? "function toDefault(loaded) { return loaded.default ?? loaded; }" : "";
  const [offered = "", use = ""] = lines;
  return [toDefault, ...imports, offered, app.before, use, app.after, ""].join("\n");
}
