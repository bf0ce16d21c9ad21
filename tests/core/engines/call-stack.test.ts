/** Reading the call stack, even in apps that customise it. */
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { isOwnFile, parseFrame, readStack } from "../../../server-bridge/src/core/engines/call-stack.ts";

it("does not change the stack trace limit", () => {
  const limit = Error.stackTraceLimit;
  readStack(limit + 3);
  expect(Error.stackTraceLimit).toBe(limit);
});

it("reads nothing if the app has a prepareStackTrace that returns no string", () => {
  const { prepareStackTrace } = Error;
  onTestFinished(() => {
    Error.prepareStackTrace = prepareStackTrace;
  });
  Error.prepareStackTrace = (_error, frames) => frames;
  const lines = readStack(3);
  Error.prepareStackTrace = prepareStackTrace;
  expect(lines).toEqual([]);
});

it.each([
  ["    at file:///srv/app/login.mjs:41:7", { file: "/srv/app/login.mjs", line: "41" }],
  ["    at async logIn (/srv/app/login.js:7:1)", { file: "/srv/app/login.js", line: "7" }],
  ["    at new Promise (<anonymous>)", null],
])("reads %s", (line, frame) => {
  expect(parseFrame(line)).toEqual(frame);
});

it("recognises the library's folder, and none next to it", () => {
  const source = join(import.meta.dirname, "../../../server-bridge/src");
  expect([isOwnFile(join(source, "bridge/writer.ts")), isOwnFile(`${source}-of-app/x.ts`)]).toEqual([
    true,
    false,
  ]);
});
