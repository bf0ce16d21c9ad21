/** Who may edit (T22): no one on another machine, unless the server allows it with two options. */
import { describe, expect, it } from "vitest";
import { call, startSite, Visitor } from "../site.ts";

describe("a remote caller with the token", () => {
  const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";
  const headers = { "session-bridge-token": TOKEN };

  for (const [allowEdit, status] of [
    [false, 403],
    [true, 200],
  ] as const) {
    it(`may ${allowEdit ? "" : "not "}edit when allowEdit is ${allowEdit}`, async () => {
      const remote = await startSite({ bridge: { token: TOKEN, allowRemote: true, allowEdit } });
      try {
        const guest = new Visitor(remote);
        await guest.visit("/login", "POST");
        const read = await call(remote, "session", { cookie: guest.cookie }, headers);
        for (const [name, body] of [
          ["edit", { operations: [{ op: "set", path: ["a"], valueJson: "1" }] }],
          ["flush", {}],
        ] as const) {
          const { version } = (await call(remote, "session", { cookie: guest.cookie }, headers)).json.session;
          const answer = await call(
            remote,
            name,
            { cookie: guest.cookie, ifVersion: version, ...body },
            headers,
          );
          expect(answer.status).toBe(status);
          if (!allowEdit) expect(answer.json.code).toBe("capability");
        }
        expect(read.status).toBe(200);
        expect(remote.lines.filter((line) => line.includes("panel:"))).toHaveLength(allowEdit ? 2 : 0);
      } finally {
        await remote.close();
      }
    });
  }
});
