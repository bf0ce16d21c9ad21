/** Serves the harness page with Vite on a port of its own; for tests, pictures and measurements. */
import { createServer, type InlineConfig } from "vite";

const ROOT = new URL("../../../", import.meta.url).pathname;

/** The page's settings: the library from its sources, no configuration file. */
export const config: InlineConfig = {
  root: ROOT,
  configFile: false,
  logLevel: "warn",
  clearScreen: false,
  resolve: { conditions: ["sessions-source", "module", "browser", "development|production"] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  optimizeDeps: { noDiscovery: true, include: [] },
  server: { port: 0, host: "127.0.0.1", hmr: false, watch: null },
};

export interface Harness {
  /** Address of a state: `harness.url("login", { theme: "dark" })`. */
  url(state: string, more?: Record<string, string>): string;
  close(): Promise<void>;
}

/** Starts serving on a free port of the loopback address. */
export async function serveHarness(): Promise<Harness> {
  const server = await createServer(config);
  await server.listen();
  const address = server.httpServer?.address();
  if (typeof address !== "object" || address === null) throw new Error("[harness] The server got no port.");
  const base = `http://127.0.0.1:${address.port}/tests/panel/harness/index.html`;
  return {
    url: (state, more = {}) => `${base}?${new URLSearchParams({ state, ...more })}`,
    close: () => server.close(),
  };
}
