/** Where the channel's server listens, unless another one already does. */
import { randomBytes } from "node:crypto";
import { connect, type Server } from "node:net";
import { codeOf, SessionError } from "../../core/errors.ts";
import {
  type ChannelPlace,
  type LoopbackAddress,
  lockSocket,
  readLoopback,
  removeSocket,
  socketOf,
} from "./channel-place.ts";
import { isSameProof, MAX_PROOF_LINE, parseServerProof, proveChannel } from "./channel-proof.ts";
import { createJsonLines } from "./json-lines.ts";

/** A socket that a killed server has left behind is replaced. @throws SessionError `settings` if a server answers there */
export async function listenOnSocket(server: Server, place: ChannelPlace): Promise<{ socket: string }> {
  const socket = socketOf(place);
  if (!(await listens(server, { path: socket }))) {
    if (await answers({ path: socket })) throw alreadyRuns();
    removeSocket(place); // its server was killed
    if (!(await listens(server, { path: socket }))) throw alreadyRuns();
  }
  lockSocket(place);
  return { socket };
}

/** On a free port. @throws SessionError `settings` if the announced server answers, and proves that it is that one */
export async function listenOnLoopback(
  server: Server,
  place: ChannelPlace,
  secret: string,
): Promise<LoopbackAddress> {
  const earlier = readLoopback(place);
  if (earlier !== null && (await answers({ port: earlier.port, host: LOOPBACK }, earlier.secret)))
    throw alreadyRuns();
  await listens(server, { port: 0, host: LOOPBACK });
  const address = server.address();
  return { port: typeof address === "object" && address ? address.port : 0, secret };
}
const LOOPBACK = "127.0.0.1";

function alreadyRuns(): SessionError {
  return new SessionError(
    "settings",
    "another session-bridge already runs for this site. Use that one, or end it first.",
  );
}

type Address = { path: string } | { port: number; host: string };

/** False if another server listens there. */
function listens(server: Server, address: Address): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error) => (codeOf(error) === "EADDRINUSE" ? resolve(false) : reject(error));
    server.once("error", failed);
    server.listen(address, () => {
      server.off("error", failed);
      resolve(true);
    });
  });
}

/** Whether a server listens there; with a secret, whether it proves that it has it. */
function answers(address: Address, secret?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    const end = (isThere: boolean) => {
      clearTimeout(limit);
      socket.destroy();
      resolve(isThere);
    };
    // for all of it: a stranger at an earlier port may send a byte now and then
    const limit = setTimeout(() => end(false), ANSWER_MS);
    socket.on("error", () => end(false));
    socket.on("close", () => end(false));
    if (secret === undefined) {
      socket.on("connect", () => end(true));
      return;
    }
    const nonce = randomBytes(32).toString("base64url");
    const feed = createJsonLines(
      () => MAX_PROOF_LINE,
      (value) => {
        const answer = parseServerProof(value);
        end(isSameProof(answer.proof, proveChannel(secret, "server", nonce, answer.nonce)));
      },
    );
    socket.on("connect", () => socket.write(`${JSON.stringify({ hello: 1, nonce })}\n`));
    socket.on("data", (bytes) => {
      try {
        feed(bytes);
      } catch {
        end(false);
      }
    });
  });
}
const ANSWER_MS = 2_000;
