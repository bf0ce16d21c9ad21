/** The three packages that compress what is sent: for Connect's kind of middleware, for Koa and for Fastify. */
import fastifyCompress from "@fastify/compress";
import compression from "compression";
import koaCompress from "koa-compress";
import { expect } from "vitest";
import type { Browser } from "../client.ts";
import { CONNECT_HOSTS, fromExpress, type Neighbour } from "../neighbour.ts";

async function proveCompressed(browser: Browser): Promise<void> {
  const packed = await browser.ask("/large", { headers: { "accept-encoding": "gzip" } });
  const plain = await browser.ask("/large");
  expect(packed.headers["content-encoding"]).toEqual(["gzip"]);
  expect(plain.headers["content-encoding"]).toBeUndefined();
  expect([packed.fault, packed.body]).toEqual([null, plain.body]);
}

/** compression, koa-compress and @fastify/compress. */
export const COMPRESSING: readonly Neighbour[] = [
  {
    name: "compression",
    hosts: CONNECT_HOSTS,
    encodes: true,
    place: () => ({ connect: [fromExpress(compression())], prove: proveCompressed }),
  },
  {
    name: "koa-compress",
    hosts: ["Koa"],
    encodes: true,
    place: () => ({ koa: koaCompress(), prove: proveCompressed }),
  },
  {
    name: "@fastify/compress",
    hosts: ["Fastify"],
    encodes: true,
    place: () => ({
      fastify: async (app) => {
        await app.register(fastifyCompress);
      },
      prove: proveCompressed,
    }),
  },
];
