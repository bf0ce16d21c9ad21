/** How an address answers `session-bridge doctor`: the way through its redirects, or why there is no answer. */
import { isLoopbackHost } from "../protocol/loopback-hosts.ts";
import { type Finding, fact, show, showAddress, wrong } from "./doctor-findings.ts";
import { type Answer, ask, type Failure, isAnswer, MAX_BYTES, valuesOf } from "./doctor-request.ts";

/** What a visit brought. */
interface Visit {
  /** Each response on the way, the last one last. Empty: the address did not answer. */
  answers: Answer[];
  findings: Finding[];
}

const MAX_REDIRECTS = 5;

/** Opens an address as a new browser would, without a cookie. */
export async function visit(start: URL, answerMs: number): Promise<Visit> {
  const visited: Visit = { answers: [], findings: [] };
  let url: URL | null = start;
  while (url !== null) {
    const outcome = await ask(url, { headers: VISIT_HEADERS, answerMs });
    if (!isAnswer(outcome)) {
      visited.findings.push(sayFailure(url, outcome, answerMs));
      return visited;
    }
    visited.answers.push(outcome);
    visited.findings.push(...sayAnswer(outcome, visited.answers.length === 1));
    url = follow(outcome, visited);
  }
  return visited;
}

/** What a visit sends. */
export const VISIT_HEADERS = {
  // development servers answer what wants HTML themselves, and pass the rest on to the app
  Accept: "*/*",
  "User-Agent": "session-bridge doctor",
};

function sayAnswer(answer: Answer, isFirst: boolean): Finding[] {
  const { status, httpVersion, certificate, url } = answer;
  const found = `${isFirst ? "It answers" : `${showAddress(url)} answers`} with ${status}, over HTTP/${httpVersion}.`;
  const findings = [
    status < 500
      ? fact(found)
      : wrong(found, "Look at the app's terminal, which says why. A failed response saves no session."),
  ];
  if (isFirst && certificate !== null) findings.push(fact(sayCertificate(certificate)));
  return findings;
}

const SELF_SIGNED: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
]);

function sayCertificate(code: string): string {
  const what = SELF_SIGNED.has(code) ? "is self-signed" : `is not trusted here (${show(code)})`;
  return `Its certificate ${what}. This is a name of this machine, so the command goes on without checking it.`;
}

/** Where a response leads on the same host; null if it leads nowhere, elsewhere, or too far. */
function follow(answer: Answer, { answers, findings }: Visit): URL | null {
  const [location] = valuesOf(answer, "location");
  if (answer.status < 300 || answer.status > 399 || location === undefined) return null;
  const to = URL.canParse(location, answer.url.href) ? new URL(location, answer.url.href) : null;
  if (to === null || !/^https?:$/.test(to.protocol)) {
    findings.push(fact("It redirects to what is no address of a page."));
    return null;
  }
  if (to.hostname !== answer.url.hostname) {
    findings.push(
      fact(`It redirects to ${showAddress(to)}, another host, which this command does not visit.`),
    );
    return null;
  }
  if (answers.length > MAX_REDIRECTS) {
    findings.push(
      fact(
        `It redirects more than ${MAX_REDIRECTS} times. This command sends no cookies back; it stops here.`,
      ),
    );
    return null;
  }
  findings.push(fact(`It redirects to ${showAddress(to)}.`));
  return to;
}

/** Why there is no answer, and what to do. */
function sayFailure(url: URL, { code }: Failure, answerMs: number): Finding {
  const where = showAddress(url);
  const known = FAILURES[code];
  if (known !== undefined) return wrong(`${where}: ${known[0]}`, known[1]);
  if (code === "TIMEOUT") {
    return wrong(
      `${where}: there was no answer within ${answerMs / 1000} seconds.`,
      "Look at the app's terminal: is it stopped by a debugger, or does a handler never end its response?",
    );
  }
  if (code === "ECONNRESET" || code === "EPIPE") {
    return wrong(
      `${where}: the connection was closed without an answer.`,
      url.protocol === "http:"
        ? `If the app speaks https, give https://${url.host}.`
        : "Look at the app's terminal.",
    );
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return wrong(
      `${where}: it does not answer in TLS (${show(code)}).`,
      `If the app speaks http, give http://${url.host}.`,
    );
  }
  if (code.startsWith("HPE_")) {
    return wrong(`${where}: what it sent is not HTTP (${show(code)}).`, "Check that the port is the app's.");
  }
  if (!isLoopbackHost(url.hostname) && /CERT|^UNABLE_TO_|^ERR_TLS_/.test(code)) return distrust(where, code);
  return wrong(`${where}: the connection failed (${show(code) || "no code"}).`, "Check the address.");
}

const FAILURES: Readonly<Record<string, readonly [string, string]>> = {
  ECONNREFUSED: [
    "nothing listens there (connection refused).",
    "Start the app, or give the address that it prints.",
  ],
  ENOTFOUND: [
    "the name is not known here.",
    "Check its spelling. A name for this machine needs a line in the hosts file.",
  ],
  EAI_AGAIN: [
    "the name is not known here.",
    "Check its spelling. A name for this machine needs a line in the hosts file.",
  ],
  HPE_HEADER_OVERFLOW: [
    `its headers are longer than ${MAX_BYTES / 1024} KiB, so they were not read.`,
    "Find what sets them. Browsers and proxies refuse such a response, too.",
  ],
  UPGRADE: ["it answers with another protocol than HTTP.", "Give the address of a page."],
};

function distrust(where: string, code: string): Finding {
  const what = SELF_SIGNED.has(code)
    ? "its certificate is self-signed"
    : `its certificate is not trusted here (${show(code)})`;
  return wrong(
    `${where}: ${what}. It is checked, because this is no loopback name.`,
    "Start this command with NODE_EXTRA_CA_CERTS=FILE, the certificate's file in PEM, or open the app as localhost.",
  );
}
