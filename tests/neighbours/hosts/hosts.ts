/** Every host by its name. */
import type { HostName } from "../product.ts";
import { serveConnect, serveExpress, serveNode } from "./connect-hosts.ts";
import { serveFastify } from "./fastify.ts";
import type { Serve } from "./host.ts";
import { serveKoa } from "./koa.ts";
import { serveNest } from "./nest.ts";

/** How each host serves an app. */
export const SERVE: Readonly<Record<HostName, Serve>> = {
  "node:http": serveNode,
  Connect: serveConnect,
  Express: serveExpress,
  Nest: serveNest,
  Koa: serveKoa,
  Fastify: serveFastify,
};
