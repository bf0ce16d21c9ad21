/** `session-bridge doctor` sends the token only to what has proven that it made the response: hostile servers get none. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { CHALLENGE_HEADER, PROOF_HEADER, readCall } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { doctor, serve, serveSite } from "./doctor-run.ts";
import { collector, type OnCall, proofOf } from "./token-collector.ts";

const TOKEN = "q3Yx0uTtJ5mC8rVb1nKfZs7LwPdEaGh2iUoR4yXc6Mk";
const ENV = { SESSION_BRIDGE_TOKEN: TOKEN };
const UNPROVEN = (port: number) =>
  `! What answers at http://localhost:${port} has not shown that it made this response, so it was sent no token.`;

/** A real app whose bridge wants the token, and the tokens that it was sent. */
async function serveApp() {
  const tokens: unknown[] = [];
  const site = await serveSite({
    bridge: { token: TOKEN },
    before: ({ headers }) => {
      const token = headers["session-bridge-token"];
      if (token !== undefined) tokens.push(token);
    },
  });
  return { ...site, tokens };
}

/** Passes on what is no call, as a development server does. */
function frontOf(port: number): RequestListener {
  return async (request, response) => {
    if (readCall(request.url ?? "") !== null) {
      response.writeHead(404).end();
      return;
    }
    const answer = await fetch(`http://127.0.0.1:${port}${request.url}`);
    response.writeHead(answer.status, { "Session-Trace": answer.headers.get("session-trace") ?? "" });
    response.end(await answer.text());
  };
}

const HELLO = {
  protocol: 1,
  library: { name: "session-bridge", version: "1.0.0" },
  engine: "db",
  cookieNames: ["sessionid"],
  capabilities: ["read"],
  serverTime: 0,
  process: "p",
};

describe("the token of session-bridge doctor, and the port that a header names", () => {
  it("is sent there after the proof, once, and not to the server in front", async () => {
    const app = await serveApp();
    const front = await serve(frontOf(app.port));
    const { out, code } = await doctor([`http://localhost:${front}/read`], ENV);
    expect([out, code]).toEqual([
      expect.stringContaining(`A bridge answers at http://localhost:${app.port}, with the token`),
      0,
    ]);
    expect(app.tokens).toEqual([TOKEN]);
  });

  it.each<[string, OnCall]>([
    ["asks for the token without a proof", (_, response) => response.removeHeader(PROOF_HEADER)],
    [
      "sends a proof of the right form",
      (_, response) => response.setHeader(PROOF_HEADER, randomBytes(32).toString("base64url")),
    ],
    [
      "sends the challenge back",
      ({ headers }, response) =>
        response.setHeader(PROOF_HEADER, String(headers[CHALLENGE_HEADER.toLowerCase()])),
    ],
    [
      "answers as a bridge",
      (_, response) =>
        response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(HELLO)),
    ],
    ["answers as an app", (_, response) => response.writeHead(404).end()],
  ])("is not sent there if what listens %s, which is a finding", async (_, onCall) => {
    const hostile = collector({ onCall });
    const port = await serve(hostile.listener);
    const front = collector({
      mark: `;at=${port}`,
      onCall: (_request, response) => response.writeHead(404).end(),
    });
    const { lines, out, code } = await doctor([`http://localhost:${await serve(front.listener)}`], ENV);
    expect([hostile.tokens, hostile.calls(), front.tokens]).toEqual([[], 1, []]);
    expect(lines).toContain(UNPROVEN(port));
    expect(out).toContain("forward the port to the same number here");
    expect(out).not.toMatch(/A bridge answers|passes requests on to port/);
    expect(code).toBe(1);
  });

  it("is not sent to another app with a bridge and the same token, which has made other traces", async () => {
    const [app, other] = [await serveApp(), await serveApp()];
    const front = await serve(async (request, response) => {
      if (readCall(request.url ?? "") !== null) return void response.writeHead(404).end();
      const mark = (await fetch(`${app.origin}/read`)).headers.get("session-trace") ?? "";
      response.writeHead(200, { "Session-Trace": mark.replace(`at=${app.port}`, `at=${other.port}`) }).end();
    });
    await fetch(`${other.origin}/read`);
    const { lines } = await doctor([`http://localhost:${front}/read`], ENV);
    expect(lines).toContain(UNPROVEN(other.port));
    expect([app.tokens, other.tokens]).toEqual([[], []]);
  });

  it("is not sent to what proves itself and does not ask for it", async () => {
    for (const onCall of [
      (_: IncomingMessage, response: ServerResponse) =>
        response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(HELLO)),
      (_: IncomingMessage, response: ServerResponse) => response.writeHead(404).end(),
    ]) {
      const server = collector({ onCall });
      await doctor([`http://localhost:${await serve(server.listener)}`], ENV);
      expect([server.tokens, server.calls()]).toEqual([[], 1]);
    }
  });

  it("is not sent to the address itself for several proofs, one of them right", async () => {
    const server = collector({
      onCall: (_, response) =>
        response.setHeader(PROOF_HEADER, [String(response.getHeader(PROOF_HEADER)), "x".repeat(43)]),
    });
    const port = await serve(server.listener);
    const { lines } = await doctor([`http://localhost:${port}`], ENV);
    expect([server.tokens, server.calls()]).toEqual([[], 1]);
    expect(lines).toContain(UNPROVEN(port));
  });

  it("leaves it a fact, with nothing to do, if the address itself answers as a bridge", async () => {
    const other = await serve((_request, response) => response.writeHead(404).end());
    const app = collector({
      mark: `;at=${other}`, // as behind a port that is forwarded from another machine
      onCall: (_, response) =>
        response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(HELLO)),
    });
    const { out, code } = await doctor([`http://localhost:${await serve(app.listener)}`]);
    expect(out).toContain(UNPROVEN(other).replace("! ", "  "));
    expect(code).toBe(0);
  });
});

describe("the token of session-bridge doctor, and a redirect", () => {
  it("is not sent to another port, even one that proves its traces; the next step works", async () => {
    const hostile = collector();
    const port = await serve(hostile.listener);
    const start = await serve((_request, response) =>
      response.writeHead(302, { Location: `http://localhost:${port}/read` }).end(),
    );
    const { lines, code } = await doctor([`http://localhost:${start}`], ENV);
    expect([hostile.tokens, code]).toEqual([[], 1]);
    const step = `npx session-bridge doctor http://localhost:${port}/read`;
    expect(lines).toContainEqual(
      expect.stringContaining(`! The bridge at http://localhost:${port} wants its token.`),
    );
    expect(lines).toContain(`      ${step}`);
    await doctor([step.split(" ").at(-1) ?? ""], ENV);
    expect(hostile.tokens).toEqual([TOKEN]); // what the user names is the user's; so the test can fail
  });

  it("is not sent to a port that the other port's header names", async () => {
    const named = collector();
    const namedPort = await serve((request, response) => {
      const proof = proofOf(request, hostile.id);
      if (proof !== null) response.setHeader(PROOF_HEADER, proof);
      named.listener(request, response);
    });
    const hostile = collector({ mark: `;at=${namedPort}` });
    const port = await serve(hostile.listener);
    const start = await serve((_request, response) =>
      response.writeHead(302, { Location: `http://localhost:${port}/` }).end(),
    );
    const { out } = await doctor([`http://localhost:${start}`], ENV);
    expect([named.calls(), named.tokens, hostile.tokens]).toEqual([1, [], []]);
    expect(out).toContain("only the port that this command is given gets it");
  });

  it("is not sent after a redirect to another port and back: the other one chose the address", async () => {
    const app = collector();
    let away = 0;
    const port = await serve((request, response) => {
      if (request.url !== "/") return app.listener(request, response);
      return response.writeHead(302, { Location: `http://localhost:${away}/` }).end();
    });
    away = await serve((_request, response) =>
      response.writeHead(302, { Location: `http://localhost:${port}/chosen` }).end(),
    );
    await doctor([`http://localhost:${port}`], ENV);
    expect([app.calls(), app.tokens]).toEqual([1, []]);
  });

  it("is sent after a redirect within the port", async () => {
    const app = collector();
    const port = await serve((request, response) =>
      request.url === "/"
        ? response.writeHead(302, { Location: "/home" }).end()
        : app.listener(request, response),
    );
    await doctor([`http://localhost:${port}`], ENV);
    expect(app.tokens).toEqual([TOKEN]);
  });
});

describe("the token of session-bridge doctor, and a server at the other address of localhost", () => {
  it("is not sent to a squatter at [::1] on the port that a header names", async () => {
    const app = await serveApp();
    const squatter = collector();
    await serve(squatter.listener, { host: "::1", port: app.port });
    const { lines } = await doctor([`http://localhost:${await serve(frontOf(app.port))}/read`], ENV);
    expect([squatter.calls(), squatter.tokens, app.tokens]).toEqual([1, [], []]);
    expect(lines).toContain(UNPROVEN(app.port));
  });

  it.each(["localhost", "app.localhost"])(
    "is not sent to a squatter at [::1] that proves the traces it makes up for %s; the next step works",
    async (name) => {
      const app = await serveApp();
      const squatter = collector();
      await serve(squatter.listener, { host: "::1", port: app.port });
      const { out, lines, code } = await doctor([`http://${name}:${app.port}/read`], ENV);
      expect([squatter.tokens, app.tokens, code]).toEqual([[], [], 1]);
      expect(squatter.calls()).toBeGreaterThan(0); // so it was the one that answered
      expect(out).toContain(`${name}:${app.port} leads to [::1] and to 127.0.0.1`);
      expect(lines).toContain(`      npx session-bridge doctor http://[::1]:${app.port}/read`);
      expect(lines).toContain(`      npx session-bridge doctor http://127.0.0.1:${app.port}/read`);
      const next = await doctor([`http://127.0.0.1:${app.port}/read`], ENV);
      expect([next.code, squatter.tokens, app.tokens]).toEqual([0, [], [TOKEN]]);
    },
  );

  it("is not sent to a port that such a squatter names", async () => {
    const app = await serveApp();
    const named = collector();
    const namedPort = await serve((request, response) => {
      const proof = proofOf(request, squatter.id);
      if (proof !== null) response.setHeader(PROOF_HEADER, proof);
      named.listener(request, response);
    });
    const squatter = collector({
      mark: `;at=${namedPort}`,
      onCall: (_, response) => response.writeHead(404).end(),
    });
    await serve(squatter.listener, { host: "::1", port: app.port });
    await doctor([`http://localhost:${app.port}/read`], ENV);
    expect(named.calls()).toBeGreaterThan(0);
    expect([named.tokens, squatter.tokens, app.tokens]).toEqual([[], [], []]);
  });

  it("is sent to the address that proved itself, not to one that listens since", async () => {
    const squatter = collector();
    const app = collector({
      onCall: async () => {
        if (app.calls() === 1) await serve(squatter.listener, { host: "::1", port });
      },
    });
    const port = await serve(app.listener);
    const front = await serve((request, response) => {
      if (readCall(request.url ?? "") === null)
        response.setHeader("Session-Trace", `v=1;id=${app.id};at=${port}`);
      else response.statusCode = 404;
      response.end();
    });
    await doctor([`http://localhost:${front}`], ENV);
    expect([app.calls(), app.tokens, squatter.calls(), squatter.tokens]).toEqual([2, [TOKEN], 0, []]);
  });

  it("is sent to one app that listens at both addresses", async () => {
    const app = await serveSite({ bridge: { token: TOKEN } });
    await new Promise<void>((resolve) => app.server.close(() => resolve()));
    await new Promise<void>((resolve) => app.server.listen(app.port, "::", resolve));
    const { out, code } = await doctor([`http://localhost:${app.port}/read`], ENV);
    expect([out, code]).toEqual([expect.stringContaining(", with the token: session-bridge"), 0]);
  });
});

describe("the token of session-bridge doctor, and responses that name no trace", () => {
  it("is not sent, and the next step is said", async () => {
    const hostile = collector();
    const port = await serve((request, response) => {
      if (readCall(request.url ?? "") === null) response.end();
      else hostile.listener(request, response);
    });
    const { out, code } = await doctor([`http://localhost:${port}`], ENV);
    expect([hostile.tokens, hostile.calls(), code]).toEqual([[], 1, 1]);
    expect(out).toContain("It was not sent: no response named a trace");
    expect(out).toContain("  Next: Give this command the address of a response that the app makes.");
  });

  it("is not sent if an answer has several of them, which count as none, and that is said", async () => {
    const hostile = collector();
    const other = `v=1;id=${randomBytes(16).toString("base64url")}`;
    const listener = (marks: (mine: string) => string[]): RequestListener => {
      return (request, response) => {
        if (readCall(request.url ?? "") !== null) return void hostile.listener(request, response);
        response.writeHead(200, { "Session-Trace": marks(`v=1;id=${hostile.id}`) }).end();
      };
    };
    for (const marks of [
      (mine: string) => [mine, other],
      (mine: string) => [other, mine],
      (mine: string) => [mine, mine],
      (mine: string) => [mine, "x"],
    ]) {
      const { out } = await doctor([`http://localhost:${await serve(listener(marks))}`], ENV);
      expect(hostile.tokens).toEqual([]);
      expect(out).toContain("A response has several headers Session-Trace, so none of them counts.");
    }
    await doctor([`http://localhost:${await serve(listener((mine) => [mine]))}`], ENV);
    expect(hostile.tokens).toEqual([TOKEN]); // so the test can fail
  });

  it("says what to do about several headers where no bridge answers", async () => {
    const marks = ["A", "B"].map((letter) => `v=1;id=${letter.repeat(22)}`);
    const port = await serve((_request, response) => {
      response.writeHead(200, { "Session-Trace": marks }).end();
    });
    const { lines, out } = await doctor([`http://localhost:${port}`]);
    expect(lines).toContain("! A response has several headers Session-Trace, so none of them counts.");
    expect(out).not.toContain("No bridge was seen");
  });
});
