/** Koa apps on koa-session with a store of files, as an app may have it: a key is a file name, and nothing else is checked. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Koa from "koa";
import koaSessionMiddleware from "koa-session";
import { openBridge } from "session-bridge/bridge";
import { type KoaSessionOptions, koaSession } from "session-bridge/sources";
import { listen } from "../panel-client.ts";

const secret = "a secret of these tests, longer than thirty-two characters";

/** An app that listens, and the folders that its store could reach. */
interface FileApp {
  base: string;
  /** Every file below the folder that contains the store's, with its contents. */
  files(): Record<string, string>;
  /** Keys that anyone requested from the store. */
  asked: string[];
  close(): void;
}

interface FileAppOptions {
  /** What the bridge is given in addition to the store. */
  bridge?: Omit<KoaSessionOptions, "store">;
  /** What koa-session is given in addition to it. */
  library?: object;
}

/** Starts an app with `/login`, `/store?key=` (its own call to the store), `/hand?key=` (a cookie set by hand) and `/`. */
export async function startFileApp({ bridge = {}, library = {} }: FileAppOptions = {}): Promise<FileApp> {
  const folder = mkdtempSync(join(tmpdir(), "sessions-koa-"));
  mkdirSync(join(folder, "sessions"));
  writeFileSync(join(folder, "config.json"), '{"secret":"of the app"}');
  const asked: string[] = [];
  const pathOf = (key: string) => {
    asked.push(key);
    return join(folder, "sessions", `${key}.json`);
  };
  const store = {
    async get(key: string) {
      try {
        return JSON.parse(readFileSync(pathOf(key), "utf8"));
      } catch {
        return undefined;
      }
    },
    set: async (key: string, data: object) => writeFileSync(pathOf(key), JSON.stringify(data)),
    destroy: async (key: string) => rmSync(pathOf(key), { force: true }),
  };
  const app = new Koa();
  app.keys = [secret];
  app.silent = true;
  app.use(openBridge(koaSession({ store, ...bridge }), { enabled: true, log: () => {} }).koa);
  app.use(koaSessionMiddleware({ store, ...library } as never, app as never) as never);
  app.use(async (context) => {
    const { session } = context as unknown as { session: { user?: string } };
    if (context.path === "/login") session.user = String(context.query["user"]);
    if (context.path === "/store")
      await Reflect.apply(store.get, store, [context.query["key"], 0, { ctx: context }]);
    if (context.path === "/hand")
      context.cookies.set("koa.sess", String(context.query["key"]), { signed: true });
    context.body = `You are ${session.user ?? "unknown"}.`;
  });
  const server = createServer(app.callback());
  const base = await listen(server);
  return {
    base,
    asked,
    files() {
      const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) =>
        one.isFile(),
      );
      return Object.fromEntries(
        paths.map((one) => [one.name, readFileSync(join(one.parentPath, one.name), "utf8")]),
      );
    },
    close() {
      server.close();
      server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
