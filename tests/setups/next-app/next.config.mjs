/** Passes every path that Next itself has no page for on to the app at `APP_PORT`. */
import { resolve } from "node:path";

/** The folder with the package-lock.json that Next was installed by; the app is a copy below it. */
const root = resolve(import.meta.dirname, "../..");

export default {
  turbopack: { root },
  outputFileTracingRoot: root,
  devIndicators: false,
  async rewrites() {
    return {
      fallback: [{ source: "/:path*", destination: `http://localhost:${process.env.APP_PORT}/:path*` }],
    };
  },
};
