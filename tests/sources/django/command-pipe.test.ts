/** The pipe to manage.py session_bridge: each call gets its own answer, or an error in time. */
import { PassThrough } from "node:stream";
import { beforeEach, describe, expect, it } from "vitest";
import { type CommandPipe, openCommandPipe } from "../../../server-bridge/src/sources/django/command-pipe.ts";
import { type Call, siteLine } from "./command-program.ts";

let input: PassThrough;
let output: PassThrough;
let pipe: CommandPipe;
let calls: Call[];

const write = (line: unknown) => input.write(`${JSON.stringify(line)}\n`);
const open = async (answerMs = 60_000) => {
  [input, output, calls] = [new PassThrough(), new PassThrough(), []];
  output.on("data", (lines) => {
    for (const line of String(lines).trim().split("\n")) calls.push(JSON.parse(line));
  });
  write(siteLine("/run/user/1/session-bridge"));
  pipe = await openCommandPipe({ input, output }, { answerMs });
};
beforeEach(() => open());

describe("a call", () => {
  it("gets the answer with its number, in whatever order they come", async () => {
    const [first, second] = [pipe.call("read", { key: "a" }), pipe.call("read", { key: "b" })];
    write({ id: 2, answer: "for b" });
    write({ id: 1, answer: "for a" });
    expect(await Promise.all([first, second])).toEqual(["for a", "for b"]);
    await expect
      .poll(() => calls)
      .toEqual([
        { id: 1, call: "read", key: "a" },
        { id: 2, call: "read", key: "b" },
      ]);
  });

  it("fails with the class of Django's exception", async () => {
    const call = pipe.call("read", {});
    write({ id: 1, error: "OperationalError" });
    await expect(call).rejects.toThrow("Django could not do it (OperationalError)");
  });

  it("fails when there is no answer in time, and a later answer is for no one", async () => {
    await open(20);
    await expect(pipe.call("read", {})).rejects.toThrow("did not answer within 0.02 seconds");
    write({ id: 1, answer: "late" });
    const next = pipe.call("read", {});
    write({ id: 2, answer: "in time" });
    expect(await next).toBe("in time");
  });

  it("fails when the command ends, and so does every later one", async () => {
    const call = pipe.call("read", {});
    input.end();
    await expect(call).rejects.toThrow("manage.py session_bridge has ended");
    expect(await pipe.ended).toBe(null);
    await expect(pipe.call("read", {})).rejects.toThrow("has ended");
  });

  it("fails when nothing can be written to the command", async () => {
    const call = pipe.call("read", {});
    output.destroy(new Error("EPIPE"));
    await expect(call).rejects.toThrow("has ended");
  });

  it.each<[string, string]>([
    ["is not JSON", "hunter2\n"],
    ["has no number", '{"answer":1}\n'],
    ["has a sentence in place of an exception's class", '{"id":1,"error":"no such table: hunter2"}\n'],
  ])("fails when a line %s, which ends the pipe with the reason", async (_, line) => {
    const call = pipe.call("read", {});
    input.write(line);
    await expect(call).rejects.toThrow("published together");
    expect(String(await pipe.ended)).not.toContain("hunter2");
  });
});

describe("the first line", () => {
  it("must come in time", async () => {
    const ends = { input: new PassThrough(), output: new PassThrough() };
    await expect(openCommandPipe(ends, { siteMs: 20 })).rejects.toThrow(
      "Run python manage.py session_bridge.",
    );
  });

  it("never comes from a terminal, where someone typed the command", async () => {
    const ends = { input: Object.assign(new PassThrough(), { isTTY: true }), output: new PassThrough() };
    await expect(openCommandPipe(ends)).rejects.toThrow("--by-command is for manage.py session_bridge");
  });
});
