/**
 * Dev servers that serve the page and pass requests on to the app: Vite and webpack-dev-server.
 *
 * Angular's dev server is Vite (`@angular/build` passes `proxy.conf.json` to Vite's `server.proxy`), and Parcel's `.proxyrc` goes to
 * http-proxy-middleware, as webpack-dev-server's `proxy` does: what reaches the app does not differ.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PAGE } from "./app/page.ts";
import { HERE, PEM, startProgram } from "./program.ts";
import { type AppOptions, type Setup, startInFront } from "./setup.ts";

/** How Vite is configured. */
interface ViteOptions extends AppOptions {
  /** Paths that Vite passes on: those of the app's API, or all. Default: the API's. */
  passes?: "/api" | "/";
  /** Vite itself serves https. */
  isSecure?: boolean;
  /** `server.host: true`: Vite answers other machines, too. */
  isPublic?: boolean;
}

/** Vite with `server.proxy`. It runs `within` the same words as the app. */
export function startVite({ passes = "/api", isSecure, isPublic, ...app }: ViteOptions = {}): Promise<Setup> {
  return startInFront(app, async (appPort, folder) => {
    const pem = await readFile(PEM, "utf8");
    const plain = `http://localhost:${appPort}`;
    const secure = { target: `https://localhost:${appPort}`, changeOrigin: true, secure: false };
    const server = {
      host: isPublic === true ? true : "localhost",
      port: 0,
      proxy: { [passes]: app.tls === undefined ? plain : secure },
      ...(isSecure === true ? { https: { key: pem, cert: pem } } : {}),
    };
    const config = { server, clearScreen: false, cacheDir: join(folder, "cache") };
    await writeFile(join(folder, "vite.config.mjs"), `export default ${JSON.stringify(config)};`);
    await writeFile(join(folder, "index.html"), PAGE);
    const vite = join(HERE, "node_modules/vite/bin/vite.js");
    const program = await startProgram([...(app.within ?? []), process.execPath, vite], {
      cwd: folder,
      env: { NODE_ENV: "development", NO_COLOR: "1", FORCE_COLOR: "0" },
      said: /Local:\s+https?:\/\/localhost:(\d+)/,
    });
    const scheme = isSecure === true ? "https" : "http";
    return { pageUrl: `${scheme}://localhost:${program.found}`, stop: program.stop };
  });
}

/** webpack-dev-server with `proxy` of the API. @param hasForwarded its `xfwd: true` */
export function startWebpack({ hasForwarded = false }: { hasForwarded?: boolean } = {}): Promise<Setup> {
  return startInFront({}, async (appPort, folder) => {
    await writeFile(join(folder, "index.html"), `${PAGE}<script src="/main.js"></script>`);
    await writeFile(join(folder, "entry.js"), "");
    const program = await startProgram([process.execPath, join(HERE, "app/webpack.mjs")], {
      cwd: folder,
      env: { NODE_ENV: "development", APP_PORT: String(appPort), XFWD: String(hasForwarded) },
      said: /^port (\d+)$/m,
    });
    return { pageUrl: `http://localhost:${program.found}`, stop: program.stop };
  });
}
