/** Visitors that each follow their own session through many requests, with a client that accepts gzip. */
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { createGunzip } from "node:zlib";

/** A request that takes longer hangs. */
const LIMIT_MS = 10_000;
const VISITORS = 10;
const REQUESTS_EACH = 100;
const MAX_WRONG = 5;

interface Answer {
  body: string;
  isCompressed: boolean;
  setCookie: string[];
}

/** Sends one request; rejects with a TimeoutError after ten seconds. */
export type Client = (url: string, cookie: string) => Promise<Answer>;

/** What a crowd saw. */
export interface Seen {
  /** Responses that arrived compressed, could be decoded and counted one more visit. */
  right: number;
  hung: number;
  /** What else happened, a line each for the first five. */
  wrong: string[];
}

/** Clients by kind. */
export const CLIENTS: Readonly<Record<string, Client>> = {
  fetch: askByFetch,
  "node:http, keep-alive": askByHttp(new Agent({ keepAlive: true })),
  "node:http, a connection for each request": askByHttp(new Agent({ keepAlive: false })),
};

/** Ten simultaneous visitors, each with a hundred sequential requests: a thousand. A visitor whose request hangs stops. */
export async function sendCrowd(url: string, client: Client): Promise<Seen> {
  const seen: Seen = { right: 0, hung: 0, wrong: [] };
  await Promise.all(Array.from({ length: VISITORS }, () => visit(url, client, seen)));
  return { ...seen, wrong: seen.wrong.slice(0, MAX_WRONG) };
}

async function visit(url: string, client: Client, seen: Seen): Promise<void> {
  let cookie = "";
  for (let expected = 1; expected <= REQUESTS_EACH; expected++) {
    try {
      const { body, isCompressed, setCookie } = await client(url, cookie);
      const visits = Number(/visits=(\d+);/.exec(body)?.[1]);
      if (visits === expected && isCompressed) seen.right += 1;
      else seen.wrong.push(`visit ${expected} counted ${visits}, compressed: ${isCompressed}`);
      const pair = setCookie.find((line) => line.startsWith("sessionid="))?.split(";")[0];
      cookie = pair ?? cookie;
    } catch (error) {
      if (Object(error).name === "TimeoutError" || Object(error).cause?.name === "TimeoutError") {
        seen.hung += 1;
        return;
      }
      seen.wrong.push(`visit ${expected}: ${String(error)}`);
    }
  }
}

async function askByFetch(url: string, cookie: string): Promise<Answer> {
  const response = await fetch(url, {
    headers: { "accept-encoding": "gzip", cookie },
    signal: AbortSignal.timeout(LIMIT_MS),
  });
  return {
    body: await response.text(), // decompressed by fetch
    isCompressed: response.headers.get("content-encoding") === "gzip",
    setCookie: response.headers.getSetCookie(),
  };
}

function askByHttp(agent: Agent): Client {
  return (url, cookie) =>
    new Promise((resolve, reject) => {
      const signal = AbortSignal.timeout(LIMIT_MS);
      const outgoing = request(url, { agent, signal, headers: { "accept-encoding": "gzip", cookie } });
      outgoing.on("error", reject);
      outgoing.on("response", (response) => {
        response.on("error", reject);
        const isCompressed = response.headers["content-encoding"] === "gzip";
        text(isCompressed ? response.pipe(createGunzip()) : response).then(
          (body) => resolve({ body, isCompressed, setCookie: response.headers["set-cookie"] ?? [] }),
          reject,
        );
      });
      outgoing.end();
    });
}
