/** Visitors of an app with iron-session on Next.js, and the traces of their requests. */
import type { Trace } from "session-bridge/protocol";
import { readTraceId, readTraces } from "../../sources/panel-client.ts";

/** The app's session cookie. */
export const COOKIE = "shop-session";

/** What one request was answered. */
export interface Answer {
  status: number;
  /** Every header except `session-trace`; values that differ between runs are left out. */
  headers: [string, string][];
  body: string;
  /** Empty if the answer names none. */
  traceId: string;
  /** What the visitor's cookies hold after it; empty without a session. */
  possession: string;
}

/** One visitor, who keeps cookies. */
export class Visitor {
  readonly jar = new Map<string, string>();
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param headers sent with every request */
  constructor(base: string, headers: Readonly<Record<string, string>> = {}) {
    this.#base = base;
    this.#headers = headers;
  }

  /** The session cookie, or its chunks joined. */
  get possession(): string {
    const whole = this.jar.get(COOKIE);
    if (whole !== undefined) return whole;
    return [0, 1, 2, 3].map((index) => this.jar.get(`${COOKIE}.${index}`) ?? "").join("");
  }

  async ask(path: string, method = "GET"): Promise<Answer> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(this.#base + path, {
      method,
      redirect: "manual",
      headers: { ...this.#headers, ...(cookie === "" ? {} : { cookie }) },
    });
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return {
      status: response.status,
      headers: [...response.headers].flatMap(([name, value]) => steady(name, value)),
      body: await response.text(),
      traceId: readTraceId(response),
      possession: this.possession,
    };
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split(";");
    const at = pair.indexOf("=");
    if (attributes.some((text) => /^ *max-age=0$/i.test(text))) this.jar.delete(pair.slice(0, at));
    else this.jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
}

/** A header without what differs between two runs: seals and times. */
function steady(name: string, value: string): [string, string][] {
  if (name === "session-trace") return [];
  if (name === "date") return [[name, ""]];
  if (name !== "set-cookie") return [[name, value]];
  return [[name, value.replace(/=[^;]+/, "=sealed").replace(/expires=[^;]*/i, "expires=")]];
}

/** The complete traces of these answers, in the same order. */
export async function tracesOf(base: string, answers: readonly Answer[]): Promise<Trace[]> {
  const ids = answers.map(({ traceId }) => traceId);
  const cookies = [...new Set(answers.map(({ possession }) => possession))].filter((each) => each !== "");
  const isWhole = ({ id, incomplete }: Trace) => ids.includes(id) && incomplete !== "unfinished";
  const found = await readTraces(
    base,
    cookies,
    (traces) => traces.filter(isWhole).length === ids.length,
    ids,
  );
  return ids.flatMap((id) => found.filter((trace) => trace.id === id));
}

/** `POST /login 200 +userId app/login/route.ts:6 create`: a trace as one line. */
export function sayTrace({ request, changes, operations }: Trace): string {
  const signs = { added: "+", changed: "~", removed: "−" };
  const changed = changes.map(({ kind, key, writer }) => `${signs[kind]}${key} ${writer ?? "?"}`);
  const done = operations.map(({ name }) => name);
  return [request?.method, request?.path, request?.status, ...changed, ...done].join(" ");
}
