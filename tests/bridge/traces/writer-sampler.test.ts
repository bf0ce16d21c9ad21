/** Who wrote a key is named with a short path, wherever the server was started. */
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { sampleWriter } from "../../../server-bridge/src/bridge/traces/writer-sampler.ts";

it("is relative to the working directory", () => {
  expect(sampleWriter()).toMatch(/^tests\/bridge\/traces\/writer-sampler\.test\.ts:\d+$/);
});

it("is the last folders of a file elsewhere, not its absolute path", () => {
  const { cwd } = process;
  onTestFinished(() => {
    process.cwd = cwd;
  });
  // Next to the file wherever the repository is, even below a temporary folder.
  process.cwd = () => join(import.meta.dirname, "elsewhere");
  expect(sampleWriter()).toMatch(/^bridge\/traces\/writer-sampler\.test\.ts:\d+$/);
});
