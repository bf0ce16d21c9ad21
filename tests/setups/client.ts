/** Browsers and callers of the set-ups' tests: over http, https and HTTP/2, under names that lead to this machine, and byte by byte. */
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import { request as httpsRequest } from "node:https";
import { connect as connectTcp, type LookupFunction } from "node:net";
import { connect as connectTls } from "node:tls";

/** What came back. */
export interface Response {
  status: number;
  /** By name, in lower case. Several of one name are joined. */
  headers: Record<string, string>;
  body: string;
}

/** One request to the page's server. */
interface Question {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** True: over HTTP/2, as browsers do with a server that offers it. */
  isHttp2?: boolean;
}

/** Every name leads to this machine; addresses are not looked up. */
const lookup: LookupFunction = (_, { all }, done) => {
  if (all === true) done(null, [{ address: "127.0.0.1", family: 4 }]);
  else done(null, "127.0.0.1", 4);
};

/** Sends one request, without checking certificates. */
export async function ask(url: string, { isHttp2, ...question }: Question = {}): Promise<Response> {
  return isHttp2 === true ? askHttp2(url, question) : askHttp1(url, question);
}

async function askHttp1(url: string, { method = "GET", headers = {}, body }: Question): Promise<Response> {
  const send = url.startsWith("https:") ? httpsRequest : httpRequest;
  const kept = { connection: "keep-alive", ...headers }; // as browsers say
  const options = { method, headers: kept, agent: false, rejectUnauthorized: false, lookup };
  const outgoing = send(url, options);
  outgoing.end(body);
  const [incoming] = await once(outgoing, "response");
  const received: Response = { status: incoming.statusCode, headers: {}, body: "" };
  for (const [name, value] of Object.entries(incoming.headers)) received.headers[name] = String(value);
  for await (const chunk of incoming) received.body += chunk;
  return received;
}

async function askHttp2(url: string, { method = "GET", headers = {}, body }: Question): Promise<Response> {
  const { pathname } = new URL(url);
  const session = connectHttp2(url, { rejectUnauthorized: false });
  try {
    const stream = session.request({ ":method": method, ":path": pathname, ...headers });
    stream.end(body);
    const [incoming] = await once(stream, "response");
    const received: Response = { status: Number(incoming[":status"]), headers: {}, body: "" };
    for (const [name, value] of Object.entries(incoming)) received.headers[name] = String(value);
    for await (const chunk of stream.setEncoding("utf8")) received.body += chunk;
    return received;
  } finally {
    session.close();
  }
}

/** Logs in as the page's button does; returns the cookie as it is sent back, and the response. */
export async function logIn(pageUrl: string, more: Question = {}): Promise<Response & { cookie: string }> {
  const response = await ask(`${pageUrl}/api/login`, { ...more, method: "POST" });
  return { ...response, cookie: /^[^;]*/.exec(response.headers["set-cookie"] ?? "")?.[0] ?? "" };
}

/** How bytes are sent. */
interface Sending {
  /** Address to connect to. Default: 127.0.0.1. */
  address?: string;
  /** When this resolves, no more is expected. Absent: only the other side can end it. */
  until?: Promise<unknown>;
}

/** Sends bytes as they are, and returns every byte until the other side ends, or has sent a whole response. */
export async function sendBytes(pageUrl: string, bytes: string, sending: Sending = {}): Promise<string> {
  const { protocol, port } = new URL(pageUrl);
  const options = { port: Number(port), host: sending.address ?? "127.0.0.1", rejectUnauthorized: false };
  const socket = protocol === "https:" ? connectTls(options) : connectTcp(options);
  let received = "";
  socket.setEncoding("latin1").on("data", (text: string) => {
    received += text;
    if (isWhole(received)) socket.destroy();
  });
  socket.on("error", () => {});
  socket.write(bytes, "latin1");
  void sending.until?.then(() => socket.destroy());
  await once(socket, "close");
  return received;
}

/** True for a response that says how long it is, and is that long. A switch of protocols is whole with its head. */
function isWhole(received: string): boolean {
  const [head = "", ...rest] = received.split("\r\n\r\n");
  if (rest.length === 0) return false;
  if (/^HTTP\/1\.1 101 /.test(head)) return true;
  const body = rest.join("\r\n\r\n");
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  if (length !== undefined) return body.length >= Number(length);
  return /^transfer-encoding: *chunked/im.test(head) && body.endsWith("0\r\n\r\n");
}
