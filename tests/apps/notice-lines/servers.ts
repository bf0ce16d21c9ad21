/** Small apps of Better Auth and Auth.js on servers that take middleware, around the lines that the panel offers. */
import type { App } from "../../extension/logic/add-bridge/apps.ts";

const EXPRESS = ["x-powered-by: Express"];
const LISTEN = "listen(0, '127.0.0.1', function () { console.log('port ' + this.address().port); });";

const BETTER_AUTH: Pick<App, "cookie" | "sets"> = {
  cookie: { framework: "Better Auth", name: "better-auth.session_token", value: "" },
  sets: "better-auth.session_token",
};

/** As in its documentation, except that the users are in memory. */
const MADE = `const auth = make({
  secret: 'a secret of these tests, longer than thirty-two characters',
  baseURL: 'http://localhost',
  emailAndPassword: { enabled: true },
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
});
const logIn = async () => {
  const body = { name: 'john_doe', email: 'john_doe@shop.test', password: 'a password of these tests' };
  const { headers } = await auth.api.signUpEmail({ returnHeaders: true, body });
  return headers.getSetCookie();
};`;

const IMPORTS: App["imports"] = [
  ["{ betterAuth as make }", "better-auth"],
  ["{ memoryAdapter }", "better-auth/adapters/memory"],
];

const AUTH_JS: Pick<App, "cookie" | "sets"> = {
  cookie: { framework: "Auth.js", name: "authjs.session-token", value: "eyJhbGciOiJkaXIi" },
  sets: "authjs.session-token",
};

/** Each sets its cookie at `/`, for the user `john_doe`. */
export const SERVERS: readonly App[] = [
  {
    ...{ name: "Better Auth on Express", server: EXPRESS, ...BETTER_AUTH },
    imports: [["express", "express"], ["{ toNodeHandler }", "better-auth/node"], ...IMPORTS],
    before: `${MADE}\nconst app = express();`,
    after: `app.all('/api/auth/{*any}', toNodeHandler(auth));
app.get('/', async (request, response) => { response.setHeader('set-cookie', await logIn()); response.send('ok'); });
app.${LISTEN}`,
  },
  {
    ...{ name: "Better Auth on Hono", server: ["x-powered-by: Hono"], ...BETTER_AUTH },
    imports: [["{ Hono }", "hono"], ["{ serve }", "@hono/node-server"], ...IMPORTS],
    before: `${MADE}\nconst app = new Hono();`,
    after: `app.on(['POST', 'GET'], '/api/auth/*', (context) => auth.handler(context.req.raw));
app.get('/', async (context) => {
  for (const line of await logIn()) context.header('set-cookie', line, { append: true });
  return context.text('ok');
});
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => console.log('port ' + port));`,
  },
  {
    ...{ name: "Better Auth on a server that says nothing", server: [], ...BETTER_AUTH },
    imports: [["{ createServer }", "node:http"], ["{ toNodeHandler }", "better-auth/node"], ...IMPORTS],
    before: MADE,
    after: `const handler = toNodeHandler(auth);
createServer(async (request, response) => {
  if (request.url !== '/') return handler(request, response);
  response.setHeader('set-cookie', await logIn());
  response.end('ok');
}).${LISTEN}`,
  },
  {
    ...{ name: "Auth.js on Express", server: EXPRESS, ...AUTH_JS },
    imports: [
      ["express", "express"],
      ["{ ExpressAuth }", "@auth/express"],
      ["{ encode }", "@auth/core/jwt"],
    ],
    before: "const secret = process.env.AUTH_SECRET;\nconst app = express();",
    after: `app.use('/auth/{*any}', ExpressAuth({ providers: [], secret }));
app.get('/', async (request, response) => {
  const token = { sub: '123', name: 'john_doe' };
  response.cookie('authjs.session-token', await encode({ token, secret, salt: 'authjs.session-token' }));
  response.send('ok');
});
app.${LISTEN}`,
  },
];
