/** Everything that is measured, in the order of the table. A module is loaded only in the process that serves it. */
import type { Store } from "./servers/contestant.ts";

/** Under the session library. A library is compared with the bare handler and the peers of the same framework. */
export type Framework = "node" | "express" | "fastify" | "koa" | "hono";

export type Role = "bare" | "floor" | "ours" | "peer";

export interface Contestant {
  id: string;
  label: string;
  framework: Framework;
  store: Store;
  role: Role;
  /** The module whose `START[id]` starts it. */
  module: string;
  /** Kept in one cookie, which ends at 4 kB: the big workloads are left out. */
  smallOnly: boolean;
  /** NODE_ENV of the process. */
  nodeEnv: "production" | "development";
}

function contestant(
  role: Role,
  module: string,
  framework: Framework,
  store: Store,
  id: string,
  label: string,
): Contestant {
  const nodeEnv = id.startsWith("ours-bridge") ? "development" : "production";
  return { id, label, framework, store, role, module, smallOnly: store === "cookie", nodeEnv };
}

const bare = (framework: Framework, id: string, label: string) =>
  contestant("bare", "./servers/bare.ts", framework, "none", id, label);
const floor = (store: Store, label: string) =>
  contestant("floor", "./servers/floor.ts", "node", store, `floor-${store}`, `floor, ${label}`);
const ours = (framework: Framework, store: Store, label: string, id = `ours-${framework}-${store}`) => {
  const plain = framework === "node" || framework === "express";
  return contestant(
    "ours",
    `./servers/ours${plain ? "" : "-frameworks"}.ts`,
    framework,
    store,
    id,
    `session-bridge, ${label}`,
  );
};
const express = (store: Store, label: string) =>
  contestant(
    "peer",
    "./servers/peers-express.ts",
    "express",
    store,
    `express-session-${store}`,
    `express-session, ${label}`,
  );

export const CONTESTANTS: readonly Contestant[] = [
  bare("node", "bare-node", "bare node:http"),
  bare("node", "bare-node-again", "bare node:http, again"),
  floor("memory", "memory"),
  ours("node", "memory", "memory"),
  floor("sqlite", "SQLite"),
  ours("node", "sqlite", "SQLite"),
  floor("redis", "Redis"),
  ours("node", "redis", "Redis"),
  ours("node", "redis", 'Redis, load: "lazy"', "ours-node-redis-lazy"),
  ours("node", "cookie", "signed cookies"),
  contestant("peer", "./servers/peers-hono.ts", "node", "cookie", "iron-session", "iron-session"),
  ours("node", "sqlite", "SQLite, bridge off", "ours-bridge-off"),
  ours("node", "sqlite", "SQLite, bridge on", "ours-bridge-on"),
  ours("node", "sqlite", "SQLite, bridge on, panel connected", "ours-bridge-panel"),
  bare("express", "bare-express", "bare express 5"),
  ours("express", "memory", "memory"),
  express("memory", "memory"),
  ours("express", "sqlite", "SQLite"),
  express("sqlite", "better-sqlite3 store"),
  ours("express", "redis", "Redis"),
  express("redis", "connect-redis"),
  ours("express", "postgres", "PostgreSQL"),
  express("postgres", "connect-pg-simple"),
  ours("express", "file", "file"),
  express("file", "session-file-store"),
  ours("express", "cookie", "signed cookies"),
  contestant("peer", "./servers/peers-express.ts", "express", "cookie", "cookie-session", "cookie-session"),
  bare("fastify", "bare-fastify", "bare fastify 5"),
  ours("fastify", "memory", "memory"),
  contestant(
    "peer",
    "./servers/peers-fastify.ts",
    "fastify",
    "memory",
    "fastify-session-memory",
    "@fastify/session, memory",
  ),
  ours("fastify", "redis", "Redis"),
  contestant(
    "peer",
    "./servers/peers-fastify.ts",
    "fastify",
    "redis",
    "fastify-session-redis",
    "@fastify/session, Redis",
  ),
  bare("koa", "bare-koa", "bare koa 3"),
  ours("koa", "memory", "memory"),
  contestant("peer", "./servers/peers-koa.ts", "koa", "memory", "koa-session-memory", "koa-session, memory"),
  ours("koa", "redis", "Redis"),
  contestant("peer", "./servers/peers-koa.ts", "koa", "redis", "koa-session-redis", "koa-session, Redis"),
  bare("hono", "bare-hono", "bare hono 4"),
  ours("hono", "memory", "memory"),
  contestant("peer", "./servers/peers-hono.ts", "hono", "memory", "hono-sessions", "hono-sessions, memory"),
  contestant("peer", "./servers/peers-hono.ts", "hono", "memory", "hono-session", "@hono/session, memory"),
];
