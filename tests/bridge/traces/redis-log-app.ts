/** One worker of an app whose traces and sessions are in Redis; started by `redis-log.test.ts` with a name for its keys. */
import cluster from "node:cluster";
import { createServer } from "node:http";
import { sessionMiddleware } from "../../../server-bridge/src/adapters/node.ts";
import { openBridge, redisLog } from "../../../server-bridge/src/bridge/index.ts";
import { cache, createSessions } from "../../../server-bridge/src/index.ts";

const [, , name = "", workers = "4"] = process.argv;
const redis = "redis://127.0.0.1:6379";

if (cluster.isPrimary) {
  for (let count = 0; count < Number(workers); count += 1) cluster.fork();
  let listening = 0;
  cluster.on("listening", (_worker, { port }) => {
    listening += 1;
    if (listening === Number(workers)) process.stdout.write(`${port}\n`);
  });
  process.stdin.on("end", () => process.exit()).resume();
} else {
  const sessions = createSessions({
    secretKey: "a secret of this test's own",
    engine: cache(redis),
    cookieAge: 600,
  });
  const bridge = openBridge(sessions, { enabled: true, log: () => {}, traceLog: redisLog(redis, { name }) });
  const middleware = sessionMiddleware(sessions);
  createServer((request, response) => {
    bridge(request, response, () =>
      middleware(request, response, () => {
        const { session } = request;
        session.set("visits", Number(session.get("visits") ?? 0) + 1);
        response.end(String(process.pid));
      }),
    );
  }).listen(0, "127.0.0.1");
}
