/** Neighbours that read requests and set headers: helmet, cors, cookie-parser, morgan and express-rate-limit. */
import cookieParser from "cookie-parser";
import cors from "cors";
import { rateLimit } from "express-rate-limit";
import helmet from "helmet";
import morgan from "morgan";
import { expect } from "vitest";
import { CONNECT_HOSTS, fromExpress, type Neighbour, sendJson } from "../neighbour.ts";

const LIMIT = 3;

/** helmet, cors, cookie-parser, morgan and express-rate-limit. */
export const HEADER_NEIGHBOURS: readonly Neighbour[] = [
  {
    name: "helmet",
    hosts: CONNECT_HOSTS,
    place: () => ({
      connect: [fromExpress(helmet())],
      prove: async (browser) => {
        const { headers } = await browser.ask("/small");
        expect(headers["content-security-policy"]?.[0]).toContain("default-src 'self'");
        expect(headers["x-content-type-options"]).toEqual(["nosniff"]);
        expect(headers["x-powered-by"]).toBeUndefined();
      },
    }),
  },
  {
    name: "cors",
    hosts: CONNECT_HOSTS,
    place: () => ({
      connect: [fromExpress(cors({ origin: "https://app.example", credentials: true }))],
      prove: async (browser) => {
        const origin = { origin: "https://app.example" };
        const asks = { ...origin, "access-control-request-method": "PUT" };
        const preflight = await browser.ask("/small", { method: "OPTIONS", headers: asks });
        expect([preflight.status, preflight.headers["access-control-allow-methods"]]).toEqual([
          204,
          ["GET,HEAD,PUT,PATCH,POST,DELETE"],
        ]);
        const { headers } = await browser.ask("/small", { headers: origin });
        expect(headers["access-control-allow-origin"]).toEqual(["https://app.example"]);
      },
    }),
  },
  {
    name: "cookie-parser",
    hosts: CONNECT_HOSTS,
    place: () => ({
      connect: [fromExpress(cookieParser("a secret"))],
      pages: {
        "/cookies": (request, response) =>
          sendJson(response, (request as typeof request & { cookies: object }).cookies), // the parser has put them there
      },
      prove: async (browser) => {
        await browser.ask("/small");
        const { body } = await browser.ask("/cookies", {
          headers: { cookie: `theme=dark; ${browser.cookie}` },
        });
        expect(JSON.parse(body)).toEqual({ theme: "dark", sessionid: browser.cookie?.slice(10) });
      },
    }),
  },
  {
    name: "morgan",
    hosts: CONNECT_HOSTS,
    place: () => {
      const lines: string[] = [];
      return {
        connect: [
          fromExpress(
            morgan(":method :url :status", { stream: { write: (line: string) => lines.push(line.trim()) } }),
          ),
        ],
        prove: async (browser) => {
          await browser.ask("/small");
          await browser.ask("/nothing");
          await browser.ask("/file", { headers: { range: "bytes=0-9" } });
          await expect.poll(() => lines).toEqual(["GET /small 200", "GET /nothing 404", "GET /file 206"]);
        },
      };
    },
  },
  {
    name: "express-rate-limit",
    hosts: ["Express", "Nest"],
    random: { ratelimit: "counts requests, and seconds until its window ends" },
    place: () => ({
      connect: [
        fromExpress(
          rateLimit({
            standardHeaders: "draft-7",
            legacyHeaders: false,
            limit: (request) => (request.headers["x-visitor"] === undefined ? 1_000_000 : LIMIT),
            keyGenerator: (request) => String(request.headers["x-visitor"]),
          }),
        ),
      ],
      prove: async (browser) => {
        const statuses: number[] = [];
        for (let n = 0; n <= LIMIT; n++) {
          const { status } = await browser.ask("/small", { headers: { "x-visitor": "one" } });
          statuses.push(status);
        }
        expect(statuses).toEqual([200, 200, 200, 429]);
      },
    }),
  },
];
