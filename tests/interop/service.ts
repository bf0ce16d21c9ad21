/** A web service with sessions, Django's or ours, as one browser sees it. Both kinds of service accept the same operations. */

/** One operation on the visitor's session, as `django-project/views.py` reads it. Arguments are JSON strings. */
export type Operation = readonly [name: string, ...jsonArguments: string[]];

export interface Answer {
  status: number;
  /** The results of the operations as the service's own JSON, not parsed: `1.0` stays `1.0`. */
  text: string;
}

/** A visitor's browser: it keeps the session cookie between requests and sends it to both services. */
export interface Visitor {
  cookie: string | null;
}

export interface Service {
  /** Sends the operations in one request and applies the response's Set-Cookie. */
  act(visitor: Visitor, ...operations: Operation[]): Promise<Answer>;
  stop(): Promise<void>;
}

/** A new visitor without a cookie. */
export function createVisitor(): Visitor {
  return { cookie: null };
}

/** Calls a service at `origin`; `complaints` is the service's error output so far. */
export function browse(origin: string, complaints: () => string): Pick<Service, "act"> {
  return {
    async act(visitor, ...operations) {
      const body = `[${operations.map(([name, ...json]) => `[${[`"${name}"`, ...json].join(",")}]`).join(",")}]`;
      const headers = visitor.cookie === null ? {} : { cookie: `sessionid=${visitor.cookie}` };
      const response = await fetch(`${origin}/operate`, { method: "POST", body, headers });
      for (const line of response.headers.getSetCookie()) keepCookie(visitor, line);
      const text = await response.text();
      if (response.status >= 500)
        throw new Error(`[tests] ${origin} answered ${response.status}:\n${complaints()}`);
      return { status: response.status, text };
    },
  };
}

function keepCookie(visitor: Visitor, line: string): void {
  const match = /^\s*sessionid=("?)([^;"]*)\1/.exec(line);
  if (match) visitor.cookie = match[2] || null;
}
