/** A browser of these tests: keeps cookies, and shows each response as it came over the wire. */
import { type IncomingMessage, request } from "node:http";

/** A response with everything that a browser sees. */
export interface Answer {
  status: number;
  /** Names and values, as they were written and in their order. */
  headers: readonly (readonly [name: string, value: string])[];
  body: string;
}

/** Sends requests one after another, with the cookies that the site has set. */
export interface Visitor {
  readonly cookies: ReadonlyMap<string, string>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Sends a form, with the token of the page that was read last. */
  post(path: string, form: Readonly<Record<string, string>>): Promise<Answer>;
}

/** A browser without cookies. */
export function visit(url: string): Visitor {
  const cookies = new Map<string, string>();
  let token = "";
  const ask = async (method: string, path: string, body: string, more: Readonly<Record<string, string>>) => {
    const cookie = Array.from(cookies, (pair) => pair.join("=")).join("; ");
    const headers = { ...(cookie === "" ? {} : { Cookie: cookie }), ...more };
    const answer = await send(new URL(path, url), method, headers, body);
    for (const [name, value] of answer.headers) if (name.toLowerCase() === "set-cookie") keep(value);
    token = /name="csrfmiddlewaretoken" value="(\w+)"/.exec(answer.body)?.[1] ?? token;
    return answer;
  };
  const keep = (line: string) => {
    const [pair = ""] = line.trim().split(";");
    const [name = "", value = ""] = pair.split("=");
    if (value === "" || value === '""') cookies.delete(name);
    else cookies.set(name, value);
  };
  return {
    cookies,
    get: (path, headers = {}) => ask("GET", path, "", headers),
    post: (path, form) =>
      ask("POST", path, new URLSearchParams({ ...form, csrfmiddlewaretoken: token }).toString(), {
        "Content-Type": "application/x-www-form-urlencoded",
      }),
  };
}

/** The value of a header; undefined if there is none. */
export function headerOf({ headers }: Answer, wanted: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === wanted.toLowerCase())?.[1];
}

function send(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => resolve(read(response)));
    sent.once("error", reject);
    sent.end(body);
  });
}

async function read(response: IncomingMessage): Promise<Answer> {
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  const { rawHeaders } = response;
  const headers = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ""] as const] : [],
  );
  return { status: response.statusCode ?? 0, headers, body: Buffer.concat(parts).toString("latin1") };
}
