/** docs/bridge.md has every option of `openBridge`, and quotes its messages as they are. */
import { cache, createSessions } from "session-bridge";
import { type BridgeOptions, openBridge } from "session-bridge/bridge";
import { describe, expect, it } from "vitest";
import { readText } from "./files.ts";

const page = readText("docs/bridge.md");
const sessions = createSessions({ secretKey: "only for this page", engine: cache("memory:") });
const env = { NODE_ENV: "development" };

/** A mistake for each row of the page's table of errors, in its order. */
const MISTAKES: readonly (() => unknown)[] = [
  () => open({ env: {} }),
  () => open({ env: { NODE_ENV: "production" } }),
  () => open({ env, allowRemote: true }),
  () => open({ env: { NODE_ENV: "production" }, dangerouslyAllowInProduction: "why" }),
  () => open({ env: {}, enabled: true, allowRemote: true }),
  () => open({ env, token: "qwertyqwerty" }),
  () => open({ env, token: "ä".repeat(64) }),
  () => open({ env, hosts: ["*.test"] }),
  () => open({ env: { ...env, SESSION_BRIDGE_REMOTE: "yes" } }),
  () => open({ env, extensionId: "mine" }),
  () => open({ env, host: "app.test" } as BridgeOptions), // a mistake that only JavaScript allows
  () => openBridge({} as typeof sessions, { env }), // as above
];

function open(options: BridgeOptions): unknown {
  return openBridge(sessions, options);
}

/** The first cell of each row of the table under a heading. */
function firstCells(heading: string): string[] {
  const [, section = ""] = page.split(`## ${heading}\n`);
  const [table = ""] = section.split(/^## /m);
  return [...table.matchAll(/^\| (`.*?) \|/gm)].map((match) => match[1] ?? "");
}

function messageOf(mistake: () => unknown): string {
  try {
    mistake();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "no error";
}

describe("docs/bridge.md", () => {
  it("has a row for every option, and for no other", () => {
    // The message about an unknown option names all that there are.
    const message = messageOf(() => open({ env, "no such option": true } as BridgeOptions));
    const names = message.match(/(?<=[ ,])[a-z][A-Za-z]+(?=[,.])/g) ?? [];
    expect(firstCells("Options").sort()).toEqual(names.map((name) => `\`${name}\``).sort());
  });

  const quoted = firstCells("Errors at start").flatMap((cell) =>
    [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ""),
  );

  it("names what to do about each mistake", () => {
    expect(quoted).toHaveLength(MISTAKES.length);
  });

  it.each(quoted.map((quote, at) => [quote, MISTAKES[at]] as const))(
    "quotes the message: %s",
    (quote, mistake) => {
      const [begin = "", end = ""] = quote.split("…");
      const message = messageOf(mistake ?? (() => undefined)).replace("[session-bridge] ", "");
      expect(message.startsWith(begin)).toBe(true);
      expect(message).toContain(end);
    },
  );
});
