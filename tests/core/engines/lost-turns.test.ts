/** A process that has lost its turn at a session's file changes nothing. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { file } from "../../../server-bridge/src/core/engines/file.ts";
import type { HeldLock } from "../../../server-bridge/src/core/engines/file-lock.ts";
import { SessionFiles } from "../../../server-bridge/src/core/engines/session-files.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { makeDirectory } from "./servers.ts";

it("neither replaces nor removes the file, and leaves nothing next to it", async () => {
  const place = await makeDirectory();
  const sessions = createSessions({ secretKey: "a secret", engine: file(place.address), log: () => {} });
  const files = new SessionFiles(place.address, sessions);
  const path = join(place.address, "sessionidlostturn01");
  writeFileSync(path, "of another process");
  const confirm = () => {
    throw new Error("another one has taken its turn");
  };
  const lost = { confirm } as unknown as HeldLock; // all that a change asks of it
  await expect(files.replace("lostturn01", "mine", lost)).rejects.toThrow("has taken its turn");
  await expect(files.remove("lostturn01", lost)).rejects.toThrow("has taken its turn");
  expect(readFileSync(path, "latin1")).toBe("of another process");
  expect(readdirSync(place.address)).toEqual(["sessionidlostturn01"]);
  await place.remove();
});
