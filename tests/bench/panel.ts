/** A simulated panel: keeps the trace stream open and reads it, as a connected tab does. */
import { request } from "node:http";
import { BRIDGE_PATH, MAX_PROOFS, PROTOCOL_VERSION, type TracesRequest } from "session-bridge/protocol";
import type { Jar } from "./load.ts";

/** Opens `traces` with the cookies of the first visitors. Ends with the server. */
export function connectPanel(port: number, jars: readonly Jar[]): Promise<void> {
  const cookies = jars.slice(0, MAX_PROOFS).map((jar) => jar.get("sessionid") ?? "");
  const question: TracesRequest = {
    protocol: PROTOCOL_VERSION,
    cookies,
    ids: [],
    since: null,
    process: null,
  };
  return new Promise((resolve, reject) => {
    const stream = request(
      {
        port,
        host: "127.0.0.1",
        method: "POST",
        path: `${BRIDGE_PATH}traces`,
        headers: {
          "Content-Type": "application/json",
          Origin: "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
        },
      },
      (response) => {
        if (response.statusCode !== 200)
          return reject(new Error(`bench: the bridge answered ${response.statusCode}.`));
        response.on("error", () => {}); // the server's end is the stream's
        response.resume();
        resolve();
      },
    );
    stream.on("error", reject);
    stream.end(JSON.stringify(question));
  });
}
