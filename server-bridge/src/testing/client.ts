/** Calls the bridge as a command line does: with the token, and without the headers that only browsers send. */

import { request } from "node:http";
import { PREFIX } from "../core/errors.ts";
import { BRIDGE_PATH, TOKEN_HEADER } from "../protocol/address.ts";
import { type Calls, PROTOCOL_VERSION } from "../protocol/messages.ts";
import { parseAnswer } from "../protocol/parse.ts";

/** Calls of a bridge. */
export interface BridgeClient {
  /**
   * Makes one call to the bridge.
   *
   * @throws Error with the bridge's own message when it refuses, or with what to check when there is no bridge
   */
  call<N extends keyof Calls>(
    name: N,
    body: Omit<Calls[N]["request"], "protocol">,
  ): Promise<Calls[N]["answer"]>;
}

/**
 * A client of the bridge at `origin`, `http://localhost:3000`.
 *
 * @param token the server's SESSION_BRIDGE_TOKEN
 */
export function createClient(origin: string, token: string): BridgeClient {
  return {
    async call(name, body) {
      const text = JSON.stringify({ protocol: PROTOCOL_VERSION, ...body });
      const { status, answer } = await post(new URL(BRIDGE_PATH + name, origin), text, token);
      if (status === 200) return parseAnswer(name, answer);
      throw new Error(`${PREFIX}${name}: ${reasonOf(status, answer, origin)}`);
    },
  };
}

function post(url: URL, body: string, token: string): Promise<{ status: number; answer: unknown }> {
  const headers = {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    connection: "keep-alive", // without an agent Node sends "close", as proxies do, and the bridge does not answer those
    [TOKEN_HEADER]: token,
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: "POST", headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, answer: parse(Buffer.concat(parts).toString("utf8")) }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // the app's own page: there is no bridge, or it passed the request on
  }
}

function reasonOf(status: number, answer: unknown, origin: string): string {
  const said =
    typeof answer === "object" && answer !== null && "message" in answer ? String(answer.message) : null;
  return (
    said ??
    `${origin} answered ${status}. Start the app with NODE_ENV=development and the same SESSION_BRIDGE_TOKEN as the test, on this machine.`
  );
}
