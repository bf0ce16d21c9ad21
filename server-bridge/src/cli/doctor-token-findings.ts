/** What `session-bridge doctor` says when it did not send the token, or when a port did not prove what it was named for. */
import { type Finding, showAddress, wrong } from "./doctor-findings.ts";
import type { Greeting, Withheld } from "./doctor-hello.ts";

/** The port that a header named answers, and has not proven that it made the response with that header. */
export function sayUnproven({ url }: Greeting): Finding {
  return wrong(
    `What answers at ${url.origin} has not shown that it made this response, so it was sent no token.`,
    "If the app runs in a container or on another machine, stop the other server and forward the port to the same number here.",
  );
}

/** A bridge wants the token and did not get it. @param visited the last address of the visit */
export function sayWithheld({ url }: Greeting, why: Withheld, visited: URL): Finding {
  if (why === "redirected") {
    return wrong(
      `The bridge at ${url.origin} wants its token. It was not sent: only the port that this command is given gets it, and that one redirects to another.`,
      `If ${visited.origin} is your app, give this command its address.`,
      [doctorLine(visited)],
    );
  }
  if (why === "no-trace") {
    return wrong(
      `The bridge at ${url.origin} wants its token. It was not sent: no response named a trace, by which the bridge could show that it made the response.`,
      "Give this command the address of a response that the app makes.",
    );
  }
  if (why === "unproven") {
    return wrong(
      `What answers at ${url.origin} has not shown that it made this response, so it was sent no token.`,
      "Stop everything that listens at this port, start the app alone, in one process, and run this command again.",
    );
  }
  return wrong(
    `The bridge at ${url.origin} wants its token. It was not sent: ${visited.host} leads to [::1] and to 127.0.0.1, and what answers there has not shown that it is one app.`,
    "Give this command the address that is your app's.",
    ["127.0.0.1", "[::1]"].map((address) => doctorLine(visited, address)),
  );
}

function doctorLine(visited: URL, hostname = visited.hostname): string {
  const url = new URL(visited);
  url.hostname = hostname;
  return `npx session-bridge doctor ${showAddress(url)}`;
}
