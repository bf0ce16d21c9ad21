/** webpack-dev-server, started by its own API; serves the folder that it is started in and passes `/api` on to `APP_PORT`. */
import webpack from "webpack";
import WebpackDevServer from "webpack-dev-server";

const { APP_PORT, XFWD } = process.env;
const context = process.cwd();
const compiler = webpack({ context, mode: "development", entry: "./entry.js" });
const server = new WebpackDevServer(
  {
    host: "localhost",
    port: 0,
    static: context,
    proxy: [{ context: ["/api"], target: `http://localhost:${APP_PORT}`, xfwd: XFWD === "true" }],
  },
  compiler,
);
await server.start();
console.log(`port ${server.server?.address().port}`);
