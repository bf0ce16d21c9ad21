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
  ["    at file:///srv/app/login.mjs:41:7", ["/srv/app/login.mjs", "file:///srv/app/login.mjs", 41, 7]],
  ["    at async logIn (/srv/app/login.js:7:1)", ["/srv/app/login.js", "/srv/app/login.js", 7, 1]],
  [
    "    at POST (file:///srv/chunks/%5Broot%5D._.js?id=route.ts+%5Bapp-route%5D+(ecmascript):16:19)",
    [
      "/srv/chunks/[root]._.js",
      "file:///srv/chunks/%5Broot%5D._.js?id=route.ts+%5Bapp-route%5D+(ecmascript)",
      16,
      19,
    ],
  ],
  ["    at new Promise (<anonymous>)", null],
])("reads %s", (line, frame) => {
  const read = parseFrame(line);
  expect(read && [read.file, read.source, read.line, read.column]).toEqual(frame);
});

it("recognises the library's folder, and none next to it", () => {
  const source = join(import.meta.dirname, "../../../server-bridge/src");
  expect([isOwnFile(join(source, "bridge/writer.ts")), isOwnFile(`${source}-of-app/x.ts`)]).toEqual([
    true,
    false,
  ]);
});
