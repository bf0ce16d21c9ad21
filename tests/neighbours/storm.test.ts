/** A storm of requests on every host with its stack of neighbours, each in a separate process, which has to survive it. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { HOSTS } from "./product.ts";
import type { StormResult } from "./storm/run.ts";

const isField = process.env["SESSIONS_FIELD"] === "true";
const COUNT = isField ? 10_000 : 300;
const TIMEOUT_MS = isField ? 1_200_000 : 60_000;
/** How much the heap may grow from the first third to the end. */
const GROWTH_MB = 6;
const SEED = Number(process.env["SESSIONS_SEED"] ?? Date.now() % 1_000_000);

const PROGRAM = fileURLToPath(new URL("storm/run.ts", import.meta.url));

function storm(host: string): Promise<StormResult> {
  const flags = ["--expose-gc", "--no-warnings", "--conditions=sessions-source"];
  return new Promise((resolve, reject) => {
    const args = [...flags, PROGRAM, host, String(COUNT), String(SEED)];
    const options = { timeout: TIMEOUT_MS, env: { ...process.env, NODE_ENV: "test" } };
    execFile(process.execPath, args, options, (error, said, errors) => {
      if (error) reject(new Error(`The process ended: ${error.message}\n${said}\n${errors}`));
      else resolve(JSON.parse(said) as StormResult); // its own word
    });
  });
}

// one at a time if they are long, so that none waits for another
describe("a storm", { concurrent: !isField, timeout: TIMEOUT_MS }, () => {
  it.each(HOSTS)(
    `leaves no error, no connection and no memory behind on %s: ${COUNT} acts of seed ${SEED}`,
    async (host) => {
      const { acts, whole, aborted, wrong, unhandled, connections, resources, heap } = await storm(host);
      const counts = `${acts} acts, ${whole} whole, ${aborted} aborted`;
      console.log(`${host}: seed ${SEED}, ${counts}, heap ${heap.join(" → ")} MB`);
      expect({ wrong, unhandled, connections, resources }).toEqual({
        ...{ wrong: [], unhandled: [], connections: 0, resources: [] },
      });
      expect(whole + aborted).toBe(acts);
      expect(heap[1] - heap[0]).toBeLessThanOrEqual(GROWTH_MB);
    },
  );
});
