/** What keeps a bridge from answering, in words: the terminal, `session-bridge doctor` and the panel say the same. */
import { isOddLoopback } from "./loopback-hosts.ts";
import type { BridgeState } from "./trace-header.ts";

/** What is known of the case. What is absent is left out of the sentence. */
export interface StateFacts {
  /** The host that the request named. */
  host?: string;
  /** The address that the request came from. */
  caller?: string;
  /** What was seen of a proxy, as part of a sentence. */
  seen?: string;
  /** A token to offer. */
  token?: string;
}

/** A cause and one next step. */
export interface StateText {
  title: string;
  /** Why the bridge does not answer. */
  sentence: string;
  /** What to do. */
  step: string;
  /** Lines to copy for the step, if any: for the environment, or for the app's code. */
  lines: readonly string[];
}

/** The words for one state. */
export function describeState(state: BridgeState, facts: StateFacts = {}): StateText {
  return TEXTS[state](facts);
}

const TEXTS: Record<BridgeState, (facts: StateFacts) => StateText> = {
  token: () => ({
    title: "The bridge needs its token",
    sentence: "The bridge of this server answers callers with its token only.",
    step: "Type the value of the server's SESSION_BRIDGE_TOKEN.",
    lines: [],
  }),
  hosts: ({ host }) => {
    const named = host === undefined ? "this name" : `the name ${host}`;
    const refused = {
      title: `The bridge does not answer under ${named}`,
      sentence: "It answers under localhost, and under the names in its option hosts.",
    };
    if (host === undefined || isOddLoopback(host) || !isPlainName(host))
      return { ...refused, step: "Open the app as localhost.", lines: [] };
    return {
      ...refused,
      step: `If ${host} is a name of the machine that the app runs on, add it to the hosts, in the code or in the environment, and start the server again.`,
      lines: [`openBridge(sessions, { hosts: [${JSON.stringify(host)}] })`, `SESSION_BRIDGE_HOSTS=${host}`],
    };
  },
  remote: ({ caller, token }) => ({
    title: "The bridge answers its own machine only",
    sentence: `Requests reach the app from ${caller ?? "another address"}, as they do if it runs in a container, in a virtual machine or on another computer.`,
    step: `Add these two lines to the environment of the app, and start it again.${token === undefined ? " npx session-bridge token prints a token." : ""}`,
    lines: [`SESSION_BRIDGE_TOKEN=${token ?? "…"}`, "SESSION_BRIDGE_REMOTE=edit"],
  }),
  closed: ({ seen }) => ({
    title: "The bridge closed itself",
    sentence: `It saw a proxy that clients on other machines use${seen === undefined ? "" : `: ${seen}`}. Behind such a proxy every caller looks like this machine.`,
    step: "Set SESSION_BRIDGE_TOKEN (npx session-bridge token prints one), start the server again, and open the app on localhost, not through the proxy.",
    lines: [],
  }),
  peer: () => ({
    title: "The server does not know who calls",
    sentence:
      "The bridge answers callers on this machine only, and this server does not report their address.",
    step: "Pass peerAddress to bridge.fetch. An app that listens on a Unix socket needs a port.",
    lines: [],
  }),
};

/** True for a name that can be copied into a shell and into code. A URL's host may also be `$(id).test`. */
function isPlainName(host: string): boolean {
  return /^[a-z0-9.-]*$/i.test(host) && /[a-z0-9]/i.test(host);
}

/** The same on one line. */
export function describeStateInLine(state: BridgeState, facts: StateFacts = {}): string {
  const { title, sentence, step, lines } = describeState(state, facts);
  return [`${title}. ${sentence} ${step}`, ...lines].join("  ");
}
