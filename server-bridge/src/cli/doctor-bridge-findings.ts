/** What `session-bridge doctor` says about the bridge, and about a proxy in front of the app. */
import { describeState } from "../protocol/bridge-states.ts";
import { isLoopbackHost } from "../protocol/loopback-hosts.ts";
import { type HelloAnswer, PROTOCOL_VERSION } from "../protocol/messages.ts";
import type { BridgeSight } from "./doctor-bridge.ts";
import { type Finding, fact, joinWords, show, showAddress, wrong } from "./doctor-findings.ts";
import type { Greeting } from "./doctor-hello.ts";
import { type Answer, valuesOf } from "./doctor-request.ts";
import { sayUnproven, sayWithheld } from "./doctor-token-findings.ts";

/** What the server says about itself, and what shows that something passes requests on. */
export function sayServer(answers: readonly Answer[], sight: BridgeSight): Finding[] {
  const last = answers.at(-1);
  if (last === undefined) return [];
  const named = ["Server", "X-Powered-By", "Via"].flatMap((name) =>
    valuesOf(last, name.toLowerCase())
      .slice(0, 3)
      .map((value) => `${name}: ${show(value, 80)}`),
  );
  const findings = named.length === 0 ? [] : [fact(`It says about itself: ${named.join("; ")}.`)];
  if (valuesOf(last, "via").length > 0) findings.push(fact("Via shows that a proxy passed the response on."));
  const proxy = PROXIES.exec(valuesOf(last, "server").join(" "))?.[0];
  if (proxy !== undefined)
    findings.push(fact(`${proxy} answers at this address. It is often a proxy in front of an app.`));
  const at = sight.header?.at ?? null;
  const port = last.url.port || (last.url.protocol === "https:" ? "443" : "80");
  if (at !== null && String(at.port) !== port)
    findings.push(
      fact(
        sight.named?.isProven === true
          ? `${last.url.origin} passes requests on to port ${at.port}.`
          : `The header Session-Trace says that the app listens at port ${at.port}.`,
      ),
    );
  return findings;
}

/** Servers that are put in front of apps. */
const PROXIES = /nginx|openresty|caddy|haproxy|envoy|traefik|cloudflare/i;

const SEVERAL = "A response has several headers Session-Trace, so none of them counts";

/** Who answers `hello`; if no one does, why, and what to do. */
export function sayBridge(sight: BridgeSight, last: Answer): Finding[] {
  const { own, named, neighbour, header, isHeaderUnreadable, hasSeveralHeaders } = sight;
  const several = hasSeveralHeaders ? [fact(`${SEVERAL}.`)] : [];
  const answering = [own, named, neighbour].filter((one) => one?.kind === "answered");
  const findings = [...several, ...answering.map((one) => fact(sayHello(one)))];
  if (answering.length > 0) {
    if (own.kind === "refused" && own.withheld !== null)
      findings.push(sayWithheld(own, own.withheld, last.url));
    if (own.kind !== "answered" && named !== null) findings.push(fact(sayOwn(own)));
    if (named?.kind === "unproven")
      findings.push(fact(`${sayUnproven(named).text} The tab calls ${last.url.origin}.`));
    findings.push(...answering.flatMap(({ hello }) => faultsOf(hello)));
    return findings;
  }
  if (header !== null) return [...several, ...sayUnanswered(sight, last)];
  if (own.kind === "refused") return [...several, sayRefusal(own, last.url)];
  if (hasSeveralHeaders)
    return [
      wrong(
        `${SEVERAL}.`,
        "Give the address that the app listens on itself, not that of a server in front of it.",
      ),
    ];
  const unreadable = isHeaderUnreadable
    ? [fact("A response has a header Session-Trace in a form that this version does not know.")]
    : [];
  return [...unreadable, sayNoBridge(last)];
}

function sayHello({ url, hello, wasTokenSent }: Extract<Greeting, { kind: "answered" }>): string {
  const { library, engine, cookieNames } = hello;
  const names = cookieNames.slice(0, 5).map((name) => show(name, 60));
  const cookies =
    names.length === 0 ? "no cookie" : `cookie${names.length > 1 ? "s" : ""} ${joinWords(names)}`;
  const named = `${show(library.name, 60)} ${show(library.version, 40)}`.trim();
  const what = `${named}, engine ${show(engine, 60)}, ${cookies}`;
  return `A bridge answers at ${url.origin}${wasTokenSent ? ", with the token" : ""}: ${what}.`;
}

function sayOwn(own: Greeting): string {
  const how = own.kind === "absent" ? ` (it answers with ${own.status})` : "";
  return `${own.url.origin} does not pass the tab's calls on to the bridge${how}. The tab asks the other port directly.`;
}

/** What a bridge that answers says about its own limits. */
function faultsOf({ protocol, unproven }: HelloAnswer): Finding[] {
  return [
    ...(protocol === PROTOCOL_VERSION
      ? []
      : [
          wrong(
            `The bridge speaks version ${protocol} of the protocol, and this command version ${PROTOCOL_VERSION}.`,
            "Install the same version of session-bridge in the app and here.",
          ),
        ]),
    ...(unproven === undefined
      ? []
      : [
          wrong(
            "The bridge does not show sessions: it cannot tell who owns a cookie.",
            `It says: ${show(unproven, 400)}`,
          ),
        ]),
  ];
}

/** The header shows that a bridge is there: what it says about itself comes first. */
function sayUnanswered({ header, own, named }: BridgeSight, last: Answer): Finding[] {
  const refused = [named, own].find((one) => one?.kind === "refused");
  const unproven = named?.kind === "unproven" ? [sayUnproven(named)] : [];
  const state = header?.state ?? null;
  if (state !== null && state !== "token") {
    const { title, sentence, step, lines } = describeState(state, { host: last.url.hostname });
    return [wrong(`${title}. ${sentence}`, step, lines), ...unproven];
  }
  if (refused?.kind === "refused") return [sayRefusal(refused, last.url), ...unproven];
  if (unproven.length > 0) return unproven;
  const asked = [named, own].find((one) => one !== null);
  const how =
    asked?.kind === "failed" ? `the call failed (${show(asked.failure.code)})` : "something else answers";
  const where = asked?.url.origin ?? last.url.origin;
  return [
    wrong(
      `A bridge made the header Session-Trace, and does not answer at ${where}: ${how}.`,
      "Open the app at the address that it listens on itself, not through a proxy.",
    ),
  ];
}

function sayRefusal(greeting: Extract<Greeting, { kind: "refused" }>, url: URL): Finding {
  const { code, message } = greeting.refusal;
  if (greeting.withheld !== null) return sayWithheld(greeting, greeting.withheld, url);
  if (code === "token-missing" && !isLoopbackHost(url.hostname))
    return fact(
      "A bridge is there, and wants its token, which this command does not send there. The tab asks for it.",
    );
  if (code === "token-missing") {
    return wrong(
      describeState("token").sentence,
      "Set SESSION_BRIDGE_TOKEN to the server's, for this command too. The tab asks for it once.",
      [`SESSION_BRIDGE_TOKEN=… npx session-bridge doctor ${showAddress(url)}`],
    );
  }
  if (code === "token-wrong")
    return wrong(
      "The bridge refused the token.",
      "Set SESSION_BRIDGE_TOKEN to the same string for the server and for this command.",
    );
  if (code === "proxied") {
    const { title, sentence, step } = describeState("closed");
    return wrong(`${title}. ${sentence}`, step);
  }
  if (code === "extension")
    return fact("A bridge is there, and answers only the extensions that its option extensionId names.");
  return wrong(`The bridge refuses calls (${code}).`, `It says: ${show(message, 400)}`);
}

/** The lines to add, by what the server says about itself. */
function sayNoBridge(last: Answer): Finding {
  const said = ["x-powered-by", "server"].flatMap((name) => valuesOf(last, name)).join(" ");
  const elsewhere =
    "If another server answers this page, such as Vite, give the address of a response that the app makes.";
  if (/WSGIServer|gunicorn|daphne|uvicorn/i.test(said)) {
    return wrong(`No bridge was seen. ${elsewhere}`, "If this is a Django site, run this in its folder.", [
      `npx session-bridge django --settings mysite.settings --for ${last.url.origin}`,
    ]);
  }
  return wrong(
    `No bridge was seen. ${elsewhere}`,
    "Add the bridge before all other middleware, and start the app with NODE_ENV=development.",
    [
      'import { openBridge } from "session-bridge/bridge";',
      'if (process.env.NODE_ENV === "development") app.use(openBridge(sessions));',
      "node --import session-bridge/register app.js   # instead of both lines, for express-session and other libraries",
    ],
  );
}
