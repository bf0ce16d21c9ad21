/** Reads the command lines that pages show, and says which of their programs, scripts, commands and options do not exist. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { runCommandLine } from "../../server-bridge/src/cli/commands.ts";
import { readCall, TOKEN_HEADER } from "../../server-bridge/src/protocol/address.ts";
import { ROOT, readDoors, readText } from "./files.ts";

/** One command of a block, with the tests that run it. */
export interface CommandLine {
  /** As in the page, in one line. */
  text: string;
  words: readonly string[];
}

/** Which test runs the commands that a page shows; checked to be there. */
const RUN_BY: readonly [command: RegExp, test: string][] = [
  [/^npm start\b/, "tests/scripts/site.test.ts"],
  [/^npm test$/, "tests/scripts/result.test.ts"],
  [/^npm run pack$/, "tests/scripts/pack.test.ts"],
  [/^npm install \/path\/to\/session-bridge-/, "tests/npm-package/package.test.ts"],
  [/npx session-bridge django /, "tests/cli/django.test.ts"],
  [/npx session-bridge doctor /, "tests/cli/doctor.test.ts"],
  [/npx session-bridge (?!django|doctor)/, "tests/cli/command-line.test.ts"],
  [/--import[= ]session-bridge\/register/, "tests/register/register.test.ts"],
  [/^NODE_ENV=development SESSION_BRIDGE_REMOTE=/, "tests/bridge/environment.test.ts"],
  [/^curl .*\/__sessions\//, "tests/bridge/guard/gate.test.ts"],
  [/^python3 manage\.py /, "tests/sources/django/django.test.ts"],
  [/^python manage\.py session_bridge\b/, "tests/django-package/unittests.test.ts"],
  [/^pip install -e \/path\/to\/sessions-devtools\//, "tests/django-package/wheel.test.ts"],
];

/** The commands of a block of `sh`: without comments, continued lines joined. */
export function readCommandLines(code: string): CommandLine[] {
  const lines = code.replace(/\\\n\s*/g, "").split("\n");
  return lines
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "")
    .map((text) => ({ text, words: splitWords(text) }));
}

/** The test that runs this command; null when none does. */
export function testOf({ text }: CommandLine): string | null {
  const found = RUN_BY.find(([command]) => command.test(text));
  return found?.[1] ?? null;
}

/** What is wrong with a command; null when all that it names exists. */
export async function findFault({ words }: CommandLine): Promise<string | null> {
  const start = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
  const [program = "", ...args] = words.slice(start);
  const flags = words.slice(0, start).find((word) => word.startsWith("NODE_OPTIONS="));
  const fault = flags === undefined ? null : findNodeFault(flags.slice("NODE_OPTIONS=".length).split(" "));
  if (fault !== null) return fault;
  if (program === "npm") return findNpmFault(args, start === 0);
  if (program === "npx") return findOwnFault(args);
  if (program === "node") return findNodeFault(args);
  if (program === "curl") return findCallFault(args);
  if (program === "python" || program === "python3") return findManageFault(program, args);
  if (program === "pip") return findPipFault(args);
  return `${program} is not checked`;
}

/** @param isOurs false when variables stand before it: then it is a script of the reader's own app */
function findNpmFault([command = "", name = ""]: string[], isOurs: boolean): string | null {
  const { scripts } = JSON.parse(readText("package.json"));
  if (command === "start" || command === "test")
    return command in scripts ? null : `there is no npm ${command}`;
  if (command === "run") return !isOurs || name in scripts ? null : `there is no script ${name}`;
  if (command !== "install") return `npm ${command} is not checked`;
  const { version } = JSON.parse(readText("server-bridge/package.json"));
  return name.endsWith(`/session-bridge-${version}.tgz`) ? null : `npm run pack does not make ${name}`;
}

async function findOwnFault([program, command = "", ...args]: string[]): Promise<string | null> {
  if (program !== "session-bridge") return `npx ${program} is not checked`;
  const help = await readHelp();
  if (!new RegExp(`^ {2}${command} `, "m").test(help)) return `there is no command ${command}`;
  const unknown = args.find((arg) => arg.startsWith("--") && !help.includes(`  ${arg} `));
  return unknown === undefined ? null : `there is no option ${unknown}`;
}

async function readHelp(): Promise<string> {
  let help = "";
  await runCommandLine(["--help"], {
    environment: {},
    readInput: async () => "",
    say: (line) => {
      help += line;
    },
    complain: () => {},
    untilStopped: async () => {},
  });
  return help;
}

function findNodeFault(args: readonly string[]): string | null {
  const modules = args.flatMap((arg, at) =>
    arg === "--import" ? [args[at + 1] ?? ""] : arg.split("--import=").slice(1),
  );
  const doors = Object.keys(readDoors()).map((door) => door.replace(".", "session-bridge"));
  const unknown = modules.find((name) => !doors.includes(name));
  if (unknown !== undefined) return `the package has no entry ${unknown}`;
  const flag = args.find(
    (arg) => arg.startsWith("--") && !process.allowedNodeEnvironmentFlags.has(arg.split("=")[0] ?? ""),
  );
  return flag === undefined ? null : `Node has no flag ${flag}`;
}

function findCallFault(args: readonly string[]): string | null {
  const address = args.find((arg) => URL.canParse(arg) && arg.startsWith("http"));
  if (address === undefined || readCall(new URL(address).pathname) === null) return `${address} is no call`;
  const headers = args.filter((_, at) => args[at - 1] === "-H").map((header) => header.split(":")[0]);
  const known = ["Content-Type", "Origin", TOKEN_HEADER];
  const unknown = headers.find((header) => !known.includes(header ?? ""));
  return unknown === undefined ? null : `the bridge reads no header ${unknown}`;
}

/** Only the package's own command has options that are checked. */
function findManageFault(program: string, [file, command, ...args]: string[]): string | null {
  if (file !== "manage.py") return `${program} ${file} is not checked`;
  if (command !== "session_bridge") return null;
  const text = readText(`${DJANGO_PACKAGE}/session_bridge/management/commands/session_bridge.py`);
  const unknown = args.find((arg) => arg.startsWith("--") && !text.includes(`"${arg}"`));
  return unknown === undefined ? null : `there is no option ${unknown}`;
}

function findPipFault([command, ...args]: string[]): string | null {
  const path = args.at(-1) ?? "";
  if (command !== "install") return `pip ${command} is not checked`;
  return path.endsWith(`/${DJANGO_PACKAGE}`) ? null : `there is no package ${path}`;
}

const DJANGO_PACKAGE = "server-bridge/django-package";

/** Words as a shell splits them; quotes are dropped. */
function splitWords(line: string): string[] {
  return [...line.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) => word.replace(/["']/g, ""));
}

/** True for a test that is there. */
export function isTest(path: string): boolean {
  return existsSync(join(ROOT, path));
}
