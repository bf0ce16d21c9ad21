/** An attacker's servers, in the test's process: they record what they receive, and can claim to be a bridge. */
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { text } from "node:stream/consumers";
import { BRIDGE_PATH, type Capability, readCall } from "../../server-bridge/src/protocol/index.ts";
import type { Stage } from "./scenario.ts";

/** A server that is listening. */
export interface RecordingServer {
  port: number;
  /** Each request in full: method, address, headers, body. */
  received: string[];
  /** The bridge calls with this name. */
  calls(name: string): string[];
}

interface Where {
  /** Ports, tried in this order; 0 is any free port. Default: any. */
  ports?: readonly number[];
  /** True: TLS, with a self-signed certificate. */
  secure?: boolean;
}

/** Starts one on loopback; it stops at the end of the scenario. */
export async function startRecording(
  stage: Stage,
  answer: (path: string, response: ServerResponse) => void,
  { ports = [0], secure = false }: Where = {},
): Promise<RecordingServer> {
  const received: string[] = [];
  const listener: RequestListener = async (request, response) => {
    const { method, url = "/", rawHeaders } = request;
    const body = await text(request).catch(() => "");
    received.push([method, url, ...rawHeaders, body].join(" "));
    answer(url, response);
  };
  const pem = () => readFileSync(new URL("./sites/self-signed.pem", import.meta.url));
  for (const wanted of ports) {
    const server = secure
      ? createSecureServer({ key: pem(), cert: pem() }, listener)
      : createServer(listener);
    const port = await new Promise<number | null>((resolve) => {
      server.once("error", () => resolve(null));
      server.listen(wanted, "127.0.0.1", () => resolve(Object(server.address()).port));
    });
    if (port === null) continue; // taken by another program
    stage.later(async () => {
      server.closeAllConnections();
      server.close();
    });
    return {
      port,
      received,
      calls: (name) => received.filter((request) => request.startsWith(`POST ${BRIDGE_PATH}${name} `)),
    };
  }
  throw new Error(`[e2e] the ports ${ports.join(", ")} are taken`);
}

interface Claims {
  capabilities: readonly Capability[];
  /** Origins that it claims to read for. */
  serves?: readonly string[];
  /** True: every call except `hello` requires a token. */
  asksForToken?: boolean;
}

/** Answers a call like a bridge whose sessions are all Mallory's; false if the path is not a call. */
export function answerAsBridge(path: string, response: ServerResponse, claims: Claims): boolean {
  const call = readCall(path);
  if (call === null) return false;
  const { capabilities, serves, asksForToken = false } = claims;
  const serverTime = Date.now();
  const json = (status: number, body: object) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    return true;
  };
  if (call === "hello") {
    const library = { name: "mallory", version: "1.0" };
    const said = {
      protocol: 1,
      library,
      engine: "database",
      cookieNames: ["sessionid"],
      capabilities,
      serverTime,
    };
    return json(200, { ...said, process: "mallory", ...(serves && { serves }) });
  }
  if (asksForToken)
    return json(401, { protocol: 1, code: "token-missing", message: "This bridge asks for its token." });
  if (call !== "session") return json(404, { protocol: 1, code: "capability", message: "Not here." });
  const dataJson = '{"owner":"mallory"}';
  const session = {
    key: "mall…0ry0",
    keyId: "mallory",
    dataJson,
    version: "1",
    expiresAt: null,
    encoded: dataJson,
  };
  return json(200, {
    serverTime,
    found: true,
    session: { ...session, atBrowserClose: false, ageSeconds: 3600, bytes: dataJson.length },
  });
}
