/** Proxies in front of a site, between it and an attacker on another machine. */
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type RequestOptions,
} from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { later } from "./scene.ts";

/** Adds what reverse proxies add: for whom they forward, after everything that the client has sent. */
export function forwarding(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return { ...headers, host: "localhost", "x-forwarded-for": "203.0.113.7" };
}

/** Starts a reverse proxy to `target`, a port or a Unix socket; returns its port. */
export async function startProxy(
  target: Pick<RequestOptions, "port" | "socketPath" | "agent">,
  rewrite: (headers: IncomingHttpHeaders) => IncomingHttpHeaders,
  mayPass: (path: string) => boolean = () => true,
): Promise<number> {
  const proxy = createServer((request, response) => {
    const { method, url: path = "/" } = request;
    if (!mayPass(path)) {
      response.writeHead(403).end("not through this proxy");
      return;
    }
    const onward = httpRequest({ ...target, method, path, headers: rewrite(request.headers) }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once("error", () => response.writeHead(502).end());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  later(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return (proxy.address() as AddressInfo).port; // it listens on TCP
}

/** A tunnel that puts bytes in front of every connection, as TCP load balancers do; returns its port. */
export async function startTunnel(port: number, before: Buffer): Promise<number> {
  const tunnel = createTcpServer((outer) => {
    const inner = connect(port, "127.0.0.1");
    inner.write(before);
    outer.pipe(inner).pipe(outer);
    for (const socket of [outer, inner]) socket.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => tunnel.listen(0, "127.0.0.1", resolve));
  later(() => tunnel.close());
  return (tunnel.address() as AddressInfo).port; // as above
}
