/** Loaded before an example: a server that it starts listens on a free port, answers one request, and ends. */
import { Server } from "node:net";

const listen = Server.prototype.listen;

// The caller's own arguments are replaced, except for the callback, so that examples can name the ports readers know.
Server.prototype.listen = function (this: Server, ...args: unknown[]) {
  const callback = args.find((argument): argument is () => void => typeof argument === "function");
  this.once("listening", () => void answer(this));
  return listen.call(this, { port: 0, host: "127.0.0.1" }, callback);
};

async function answer(server: Server): Promise<void> {
  const address = server.address();
  const port = address !== null && typeof address === "object" ? address.port : 0;
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const text = await response.text();
  if (response.status >= 500) console.error(`GET / answered ${response.status}: ${text}`);
  process.exit(response.status >= 500 ? 1 : 0);
}
