/**
 * Every block of code in the pages is checked: TypeScript and JavaScript by `docs.test.ts`, the rest here. A block of commands
 * that cannot be checked says why behind its language: "```sh not run: …".
 */
import { describe, expect, it } from "vitest";
import { BRIDGE_PATH, readCall, TRACE_HEADER } from "../../server-bridge/src/protocol/address.ts";
import { parseTraceHeader } from "../../server-bridge/src/protocol/trace-header.ts";
import { findFault, isTest, readCommandLines, testOf } from "./command-lines.ts";
import { listFiles, readText } from "./files.ts";
import { checkPython } from "./python-style.ts";

interface Block {
  /** `docs/engines.md:12`. */
  place: string;
  language: string;
  /** What is behind the language. */
  info: string;
  code: string;
}

const FENCE = /^```(\w*)([^\n]*)\n([\s\S]*?)^```/gm;
/** Languages of `docs.test.ts`. */
const RUN_THERE = ["ts", "tsx", "js", "mjs", "cjs"];

const blocks: Block[] = listFiles()
  .filter((path) => path.endsWith(".md"))
  .flatMap((path) => {
    const text = readText(path);
    return [...text.matchAll(FENCE)].map(([, language = "", info = "", code = "", ...rest]) => {
      const at = Number(rest.find((one) => typeof one === "number"));
      return { place: `${path}:${text.slice(0, at).split("\n").length}`, language, info: info.trim(), code };
    });
  });
const inLanguage = (language: string) => blocks.filter((block) => block.language === language);

describe("blocks of code in the pages", () => {
  it("are in languages that are checked; a drawing has none", () => {
    const checked = ["", "sh", "json", "http", "python", ...RUN_THERE];
    expect(blocks.filter(({ language }) => !checked.includes(language)).map(({ place }) => place)).toEqual(
      [],
    );
  });

  it.each(inLanguage("python"))("is Python: $place", ({ code }) => {
    const faults = checkPython("page.py", code);
    // the names in lines for a file of the reader's are defined there
    expect(faults.filter((fault) => !fault.includes(": F821: "))).toEqual([]);
  });

  it.each(inLanguage("json"))("is JSON: $place", ({ code }) => {
    expect(() => JSON.parse(code)).not.toThrow();
  });

  it.each(inLanguage("http"))("is HTTP that the bridge speaks: $place", ({ code }) => {
    const [first = "", ...rest] = code.trim().split("\n");
    const trace = first.startsWith(`${TRACE_HEADER}: `) ? parseTraceHeader(first.split(": ")[1] ?? "") : null;
    const call = first.startsWith(`POST ${BRIDGE_PATH}`) ? readCall(first.split(" ")[1] ?? "") : null;
    expect(trace ?? call).not.toBeNull();
    if (call !== null) expect(() => JSON.parse(rest.at(-1) ?? "")).not.toThrow();
  });
});

describe("commands in the pages", () => {
  const commands = inLanguage("sh");

  it("are there to be checked", () => {
    expect(commands.length).toBeGreaterThan(5);
  });

  for (const { place, info, code } of commands) {
    if (info.startsWith("not run: ")) continue;
    it(`names what there is, and a test runs it: ${place}`, async () => {
      expect(info).toBe("");
      for (const command of readCommandLines(code)) {
        expect(await findFault(command)).toBeNull();
        expect(isTest(testOf(command) ?? `no test for ${command.text}`)).toBe(true);
      }
    });
  }
});

describe("the check of commands", () => {
  it.each([
    ["npm run nothing", "there is no script nothing"],
    ["npm install session-bridge", "npm run pack does not make session-bridge"],
    ["npx session-bridge nothing", "there is no command nothing"],
    ["npx session-bridge django --nothing", "there is no option --nothing"],
    ["node --import session-bridge/nothing app.js", "the package has no entry session-bridge/nothing"],
    [
      "NODE_OPTIONS=--import=session-bridge/nothing npm run dev",
      "the package has no entry session-bridge/nothing",
    ],
    ["node --no-such-flag app.js", "Node has no flag --no-such-flag"],
    [
      "curl http://localhost:3000/__sessions/v1/nothing",
      "http://localhost:3000/__sessions/v1/nothing is no call",
    ],
    ["python manage.py session_bridge --nothing", "there is no option --nothing"],
    ["pip install nothing", "there is no package nothing"],
    ["nothing", "nothing is not checked"],
  ])("sees a mistake: %s", async (text, fault) => {
    const [command] = readCommandLines(text);
    expect(command && (await findFault(command))).toBe(fault);
  });
});
