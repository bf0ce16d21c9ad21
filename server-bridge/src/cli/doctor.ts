/**
 * `session-bridge doctor`: looks at running apps from outside and says what it finds, each fault with its next step.
 *
 * It visits each address as a new browser would, and asks for the bridge as the tab does. It never prints a cookie's
 * value or a token. It sends the token only on this machine, and only where the proof came from that the bridge made
 * the responses of the address that was given.
 */
import { isLoopbackHost } from "../protocol/loopback-hosts.ts";
import { type BridgeSight, findBridge } from "./doctor-bridge.ts";
import { sayBridge, sayServer } from "./doctor-bridge-findings.ts";
import { type Examined, findCollisions, knownNames } from "./doctor-collisions.ts";
import { examineCookies, readCookies } from "./doctor-cookies.ts";
import { type Finding, fact, showAddress, toLines, wrong } from "./doctor-findings.ts";
import { visit } from "./doctor-visit.ts";
import { type Terminal, UsageError } from "./terminal.ts";

/** Milliseconds that one response may take. */
const ANSWER_MS = 5_000;
/** The most addresses that one command visits. */
const MAX_ADDRESSES = 10;

/**
 * Examines each address, then all of them together. Returns 0 if nothing is wrong, otherwise 1.
 *
 * @param answerMs milliseconds that one response may take; the default is 5 seconds
 * @throws UsageError for what is no address of a page
 */
export async function runDoctor(
  addresses: readonly string[],
  terminal: Terminal,
  answerMs = ANSWER_MS,
): Promise<number> {
  const urls = readAddresses(addresses);
  const token = terminal.environment["SESSION_BRIDGE_TOKEN"] || null;
  const examined: Examined[] = [];
  let faults = 0;
  const print = (title: string, findings: readonly Finding[]) => {
    terminal.say(title);
    for (const line of findings.flatMap(toLines)) terminal.say(line);
    faults += findings.filter(({ next }) => next !== undefined).length;
  };
  for (const url of urls) {
    const { findings, found } = await examine(url, token, answerMs);
    print(showAddress(url), findings);
    if (found !== null) examined.push(found);
  }
  const collisions = findCollisions(examined);
  if (collisions.length > 0) print("Together", collisions);
  terminal.say(sayCount(faults));
  return faults === 0 ? 0 : 1;
}

async function examine(url: URL, token: string | null, answerMs: number) {
  const { answers, findings } = await visit(url, answerMs);
  const last = answers.at(-1);
  const [usable, ...aboutToken] = readToken(token, url);
  const sight: BridgeSight | null = await findBridge(answers, { token: usable, answerMs });
  if (last === undefined || sight === null) return { findings, found: null };
  const cookies = readCookies(answers);
  findings.push(...sayServer(answers, sight), ...examineCookies(cookies, knownNames(sight)));
  findings.push(...aboutToken, ...sayBridge(sight, last));
  return { findings, found: { url: last.url, sight, cookies } };
}

/** The token, if it may be sent to this address; otherwise why not. */
function readToken(token: string | null, url: URL): [string | null, ...Finding[]] {
  if (token === null) return [null];
  if (!/^[!-~]{1,1000}$/.test(token)) {
    const step = "Set it to what npx session-bridge token prints, for the server too.";
    return [null, wrong("SESSION_BRIDGE_TOKEN has characters that a header cannot carry.", step)];
  }
  if (isLoopbackHost(url.hostname)) return [token];
  return [
    null,
    fact(
      `SESSION_BRIDGE_TOKEN was not sent: ${url.hostname} is no loopback name, so it may be another machine.`,
    ),
  ];
}

function readAddresses(given: readonly string[]): URL[] {
  if (given.length === 0) throw new UsageError("Which app? Give its address: doctor http://localhost:3000.");
  if (given.length > MAX_ADDRESSES)
    throw new UsageError(`doctor takes at most ${MAX_ADDRESSES} addresses, and was given ${given.length}.`);
  return given.map((text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url?.protocol !== "http:" && url?.protocol !== "https:")
      throw new UsageError(
        "doctor takes addresses with their scheme, like http://localhost:3000. Give those.",
      );
    if (url.username !== "" || url.password !== "")
      throw new UsageError(
        "The address holds a user's name or password, and everyone on this machine can read a command line. Leave it out.",
      );
    return url;
  });
}

function sayCount(faults: number): string {
  if (faults === 0) return "Nothing is wrong.";
  return faults === 1
    ? "One thing is wrong: see the line with !."
    : `${faults} things are wrong: see the lines with !.`;
}
