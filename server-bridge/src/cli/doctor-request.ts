/**
 * One request of `session-bridge doctor`, bounded in time and size. It never throws: a failure is a result, too.
 *
 * A certificate that Node does not trust is accepted only from a name of this machine, and reported.
 */
import type { LookupAddress } from "node:dns";
import { Agent, type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps, Agent as TlsAgent } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { TLSSocket } from "node:tls";
import { codeOf, messageOf } from "../core/errors.ts";
import { isLoopbackHost } from "../protocol/loopback-hosts.ts";

/** What a server sent. */
export interface Answer {
  url: URL;
  /** The IP address that answered; null if the connection was closed too early to know. */
  address: string | null;
  status: number;
  /** `1.0`, `1.1`. */
  httpVersion: string;
  /** Name, value, name, value, … as received. */
  rawHeaders: readonly string[];
  /** As much as was read: at most 64 KiB, and only until the time was over. */
  body: string;
  /** Why Node does not trust the certificate, as a code; null if it does, and without TLS. */
  certificate: string | null;
}

/** Why there is no answer: one of Node's codes, or `TIMEOUT`. */
export interface Failure {
  code: string;
}

/** A request to make. */
interface Question {
  method?: "GET" | "POST";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** The IP address to connect to; default and null: whichever the name leads to. */
  address?: string | null;
  /** Milliseconds for the whole answer. */
  answerMs: number;
}

/** The most that is read of a response's headers, and of its body, in bytes. */
export const MAX_BYTES = 64 * 1024;

/** Sends one request on a separate connection. */
export function ask(url: URL, question: Question): Promise<Answer | Failure> {
  return new Promise((resolve) => {
    const agent = createAgent(url);
    let request: ClientRequest | null = null;
    let partial: () => Answer | Failure = () => ({ code: "TIMEOUT" });
    const finish = (outcome: Answer | Failure) => {
      clearTimeout(timer);
      resolve(outcome);
      request?.destroy();
      agent.destroy();
    };
    const timer = setTimeout(() => finish(partial()), question.answerMs);
    try {
      request = send(url, question, agent);
      request.on("error", (error) => finish({ code: codeOfAny(error) }));
      request.on("upgrade", (_response, socket) => {
        socket.destroy();
        finish({ code: "UPGRADE" });
      });
      request.on("response", (response) => {
        partial = readAnswer(url, response, () => finish(partial()));
      });
      request.end(question.body);
    } catch (error) {
      finish({ code: codeOf(error) });
    }
  });
}

/** True when the server sent something. */
export function isAnswer(outcome: Answer | Failure): outcome is Answer {
  return "status" in outcome;
}

/** Every value of a header, in order; `name` in lower case. */
export function valuesOf({ rawHeaders }: Answer, name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** The bridge answers calls over connections that stay open, as those of browsers do. */
function createAgent(url: URL): Agent {
  const options = { keepAlive: true, maxSockets: 1 };
  return url.protocol === "https:"
    ? new TlsAgent({ ...options, rejectUnauthorized: !isLoopbackHost(url.hostname) })
    : new Agent(options);
}

/** The address of `localhost`, or of a name below it, that did not give this answer; null: the name has only one. */
export function otherAddress({ url, address }: Answer): string | null {
  const isName = isLoopbackHost(url.hostname) && /[a-z]$/.test(url.hostname);
  return (isName && LOOPBACK_ADDRESSES.find((each) => each.address !== address)?.address) || null;
}

function send(url: URL, question: Question, agent: Agent): ClientRequest {
  const { method = "GET", headers = {}, address = null } = question;
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  const options = { method, agent, maxHeaderSize: MAX_BYTES, headers };
  if (address !== null) return request(url, { ...options, lookup: leadTo([addressOf(address)]) });
  return request(
    url,
    isLoopbackHost(url.hostname) ? { ...options, lookup: leadTo(LOOPBACK_ADDRESSES) } : options,
  );
}

/** Browsers resolve `localhost` and the names below it to this machine without a query, so a token stays here. */
const LOOPBACK_ADDRESSES: readonly LookupAddress[] = ["::1", "127.0.0.1"].map(addressOf);

function addressOf(address: string): LookupAddress {
  return { address, family: isIP(address) };
}

/** A name server that knows only these addresses. */
function leadTo(addresses: readonly LookupAddress[]): LookupFunction {
  return (_name, { all }, callback) => {
    const { address, family } = addresses.at(-1) ?? addressOf("127.0.0.1");
    if (all === true) callback(null, [...addresses]);
    else callback(null, address, family);
  };
}

/** Gives what was read so far; calls `finish` once there is no more to read. */
function readAnswer(url: URL, response: IncomingMessage, finish: () => void): () => Answer {
  const { statusCode = 0, httpVersion, rawHeaders, socket } = response;
  const address = socket.remoteAddress ?? null;
  const certificate = socket instanceof TLSSocket && !socket.authorized ? faultOf(socket) : null;
  const parts: Buffer[] = [];
  let length = 0;
  response.on("data", (part: Buffer) => {
    parts.push(part);
    length += part.length;
    if (length >= MAX_BYTES) finish();
  });
  for (const event of ["end", "error", "close"] as const) response.on(event, finish);
  return () => {
    const body = Buffer.concat(parts).subarray(0, MAX_BYTES).toString("utf8");
    return { url, address, status: statusCode, httpVersion, rawHeaders, body, certificate };
  };
}

/** Node's types say Error; it is the code as a string. */
function faultOf({ authorizationError }: TLSSocket): string {
  return typeof authorizationError === "string" ? authorizationError : messageOf(authorizationError);
}

/** The code of an error, or of the attempts that it sums up: a name may lead to several addresses. */
function codeOfAny(error: unknown): string {
  const attempts: unknown = Reflect.get(Object(error), "errors");
  const codes = Array.isArray(attempts) ? attempts.map(codeOf) : [];
  return codes.find((code) => code === "ECONNREFUSED") ?? codes[0] ?? codeOf(error);
}
