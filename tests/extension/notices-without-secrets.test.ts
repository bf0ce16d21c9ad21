/** What the panel says about responses, files and pasted text that it cannot read contains none of their secrets. */
import { describe, expect, it } from "vitest";
import type { BridgeProblem } from "../../extension/logic/bridge-problem.ts";
import { problemText } from "../../extension/logic/bridge-problem.ts";
import { FORMATS, recogniseFormat } from "../../extension/logic/formats/formats.ts";
import { readHistoryEntries } from "../../extension/logic/history/history-entries.ts";
import { notUnderstood, reportOf } from "../../extension/logic/notices/live-notices.ts";
import { createBridge } from "../../extension/ports/bridge.ts";
import { CANARIES, spellingsOf } from "../canaries.ts";
import { answers, events } from "../protocol/samples.ts";
import { finish } from "./logic/finish.ts";

const ORIGIN = "http://localhost:8000";

/** A bridge that responds to everything with this text. */
function answering(body: string, type: string) {
  return createBridge({
    fetch: async () => new Response(body, { headers: { "Content-Type": type } }),
    hasAccess: async () => true,
    tokens: { read: async () => null, write: async () => {} },
    timeout: () => new AbortController().signal,
  });
}

/** Every message that differs from the given one in one value. */
function* brokenWith(message: unknown, value: unknown): Generator<unknown> {
  yield value;
  if (Array.isArray(message)) {
    for (const [index, item] of message.entries())
      for (const inner of brokenWith(item, value)) yield message.with(index, inner);
  } else if (typeof message === "object" && message !== null) {
    for (const [name, item] of Object.entries(message))
      for (const inner of brokenWith(item, value)) yield { ...message, [name]: inner };
  }
}

async function problemOfCall(body: string): Promise<BridgeProblem[]> {
  const result = await answering(body, "application/json").call(ORIGIN, "session", {
    protocol: 1,
    cookie: "k",
  });
  return result.ok ? [] : [result.problem];
}

async function problemOfStream(body: string): Promise<BridgeProblem[]> {
  const request = { protocol: 1, proofs: [], after: null };
  try {
    const bridge = answering(body, "application/x-ndjson");
    for await (const _ of bridge.traces(ORIGIN, request as never, new AbortController().signal));
    return [];
  } catch (error) {
    return [error as BridgeProblem]; // as the port promises
  }
}

/** Everything that is said about problems, in the panel and in a report. */
function saidOf(problems: readonly BridgeProblem[]): string {
  return problems
    .flatMap((problem) => {
      const notice = notUnderstood("detail" in problem ? problem.detail : problem.kind);
      return [problemText(problem), notice.sentence, reportOf(notice, "a browser")];
    })
    .join("\n");
}

function expectNone(said: string, secret: string): void {
  for (const spelling of spellingsOf(secret)) expect(said).not.toContain(spelling);
}

describe("a notice about a response that cannot be read", () => {
  it.each(CANARIES)("contains no $form of it", async ({ secret, text, data }) => {
    const problems = [
      ...(await problemOfCall(text)),
      ...(await problemOfCall(`${JSON.stringify(data)} and more`)),
      ...(await problemOfStream(`${text}\n`)),
      ...(await problemOfStream(`{"type":"trace","trace":${text}\n`)),
    ];
    expect(problems.map(({ kind }) => kind)).toEqual(["malformed", "malformed", "malformed", "malformed"]);
    expectNone(saidOf(problems), secret);
  });

  it("contains nothing of a value that is in the place of another", async () => {
    const wrong = { "a key that is secret": ["open sesame"], secret: "open sesame" };
    const session = answers.find(({ call }) => call === "session");
    const calls = [...brokenWith(session?.body, wrong)].map((body) => problemOfCall(JSON.stringify(body)));
    const streams = events
      .flatMap((event) => [...brokenWith(event, wrong)])
      .map((event) => problemOfStream(`${JSON.stringify(event)}\n`));
    const problems = (await Promise.all([...calls, ...streams])).flat();
    expect(problems.length).toBeGreaterThan(20);
    expectNone(saidOf(problems), "open sesame");
    expectNone(saidOf(problems), "a key that is secret");
  });
});

describe("a sentence about a text that was pasted or opened", () => {
  it.each(CANARIES)("contains no $form of it", ({ secret, text, data }) => {
    const cookie = { name: "sid", value: text, path: data };
    const history = { format: "sessions-devtools-history", version: 9, requests: [data], traces: text };
    const pasted = [
      text,
      JSON.stringify(data),
      `${JSON.stringify([cookie])} and more`,
      JSON.stringify([cookie, data, text]),
      JSON.stringify({ cookies: [cookie, text] }),
      `# Netscape HTTP Cookie File\nlocalhost\tTRUE\t${text}\n${text}`,
      JSON.stringify(history),
      JSON.stringify(history).slice(0, -1),
    ];
    const said = pasted.flatMap((given) => {
      const opened = finish(readHistoryEntries(given));
      const read = FORMATS.flatMap((format) => finish(format.read(given, "localhost")).problems);
      return [recogniseFormat(given), ...read, "problem" in opened ? opened.problem : ""];
    });
    expect(said.join("").length).toBeGreaterThan(100);
    expectNone(said.join("\n"), secret);
  });
});
