/** Builds the harness page once and serves it on a free port, for specs, pictures and measurements. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build, type InlineConfig, preview } from "vite";

const ROOT = new URL("./", import.meta.url).pathname;

/** Vite's configuration: the library from its sources, built as the extension is. */
export const config: InlineConfig = {
  root: ROOT,
  configFile: false,
  logLevel: "warn",
  resolve: { conditions: ["sessions-source", "module", "browser", "development|production"] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
};

export interface Harness {
  /** Address of a state: `harness.url("login", { theme: "dark" })`. */
  url(state: string, more?: Record<string, string>): string;
  close(): Promise<void>;
}

/** Starts serving on a free port of the loopback address. */
export async function serveHarness(): Promise<Harness> {
  const outDir = await mkdtemp(join(tmpdir(), "sessions-harness-"));
  await build({ ...config, build: { ...config.build, outDir, emptyOutDir: true, target: "es2024" } });
  const server = await preview({ ...config, build: { outDir }, preview: { port: 0, host: "127.0.0.1" } });
  const address = server.httpServer.address();
  if (typeof address !== "object" || address === null) throw new Error("[harness] The server got no port.");
  const base = `http://127.0.0.1:${address.port}/index.html`;
  return {
    url: (state, more = {}) => `${base}?${new URLSearchParams({ state, ...more })}`,
    async close() {
      await server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}
