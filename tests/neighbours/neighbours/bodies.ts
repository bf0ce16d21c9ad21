/** Neighbours that consume a request: multer its body, http-proxy-middleware all of it. */
import { createServer } from "node:http";
import { createProxyMiddleware } from "http-proxy-middleware";
import multer from "multer";
import { expect } from "vitest";
import { type Bag, bagOf, listen, type Served, VISITS_PATH, visit } from "../hosts/host.ts";
import {
  CONNECT_HOSTS,
  type ConnectMiddleware,
  fromExpress,
  type Neighbour,
  sendJson,
} from "../neighbour.ts";
import { answerRaw, pathOf, SMALL } from "../pages.ts";

const UPLOAD = [
  "--edge",
  'Content-Disposition: form-data; name="file"; filename="list.txt"',
  "Content-Type: text/plain",
  "",
  "one,two",
  "--edge--",
  "",
].join("\r\n");

/** multer and http-proxy-middleware. */
export const BODY_NEIGHBOURS: readonly Neighbour[] = [
  {
    name: "multer",
    hosts: CONNECT_HOSTS,
    place: () => ({
      connect: [fromExpress(multer().single("file"))],
      pages: {
        "/upload": (request, response) => {
          const { file } = request as typeof request & { file: Express.Multer.File }; // multer has put it there
          const bag: Bag = bagOf(request);
          bag["file"] = file.originalname;
          sendJson(response, file.buffer.toString());
        },
        "/uploaded": (request, response) => sendJson(response, bagOf(request)["file"]),
      },
      prove: async (browser) => {
        const headers = { "content-type": "multipart/form-data; boundary=edge" };
        const taken = await browser.ask("/upload", { method: "POST", headers, body: UPLOAD });
        expect([taken.status, taken.body]).toEqual([200, '"one,two"']);
        expect((await browser.ask("/uploaded")).body).toBe('"list.txt"');
      },
    }),
  },
  {
    name: "http-proxy-middleware",
    hosts: CONNECT_HOSTS,
    late: { "head did not come": "the proxy pipes, and Node sends a head with the first of the body" },
    place: async ({ position, protocol }) => {
      const upstream = await serveUpstream();
      const target = `http://127.0.0.1:${upstream.port}`;
      // before the session it can proxy only a part of the site; after it, the whole site
      const isProxied = (path: string) =>
        position === "before" ? path.startsWith("/elsewhere") : path !== VISITS_PATH;
      const countVisit: ConnectMiddleware = (request, _response, next) => {
        if (position === "after" && isProxied(pathOf(request))) visit(bagOf(request));
        next();
      };
      return {
        connect: [countVisit, fromExpress(createProxyMiddleware({ target, pathFilter: isProxied }))],
        prove: async (browser) => {
          const { body, status } = await browser.ask("/elsewhere");
          if (protocol === "HTTP/2") return expect(status).toBe(500);
          expect(JSON.parse(body)).toEqual({ elsewhere: SMALL });
          expect(browser.cookie === undefined).toBe(position === "before");
        },
        close: () => upstream.close(),
      };
    },
  },
];

function serveUpstream(): Promise<Served> {
  const server = createServer((request, response) => {
    if (pathOf(request) === "/elsewhere") sendJson(response, { elsewhere: SMALL });
    else if (!answerRaw(request, response, "setHeader")) response.writeHead(404).end();
  });
  return listen(server);
}
