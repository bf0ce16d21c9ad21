/**
 * Attacker: someone who was sent a trace and an export of the victim's, to look into a fault. Holds: those two texts. Wants: secrets that
 * are not values but names: in an object by token, in a map by address, in a nested list.
 */
import { describe, expect, it } from "vitest";
import { exportHistory } from "../../../extension/logic/history/history-file.ts";
import { startSite, Visitor } from "../../bridge/site.ts";
import { CANARIES } from "../../canaries.ts";
import { CANARY, later, listenIn } from "../kit/scene.ts";

/** Secrets that are recognised by their form, and short enough to be checked as a name. */
const SECRETS = CANARIES.filter(({ data, text }) => data["note"] === text && text.length >= 12);

describe("a secret that is a name", () => {
  it("is in no trace and no export, at the top level, nested, in a list, changed, removed or unsaved", async () => {
    expect(SECRETS.length).toBeGreaterThan(40);
    let name = "";
    const site = await startSite({
      app({ session, url }, response) {
        if (url === "/first")
          session.update({ [name]: 1, open: CANARY, deep: [{ [name]: { [name]: [1] } }] });
        if (url === "/second") session.update({ [name]: 2 });
        if (url === "/third") session.set(name, 3);
        if (url === "/fourth") session.delete(name);
        response.statusCode = url === "/third" ? 500 : 200;
        response.end();
      },
    });
    later(() => site.close());
    for (const { text, secret, form } of SECRETS) {
      name = text;
      const visitor = new Visitor(site);
      for (const path of ["/first", "/second", "/third", "/fourth"]) await visitor.visit(path);
      const listener = await listenIn(site, { cookies: visitor.held });
      await listener.trace("/fourth");
      const traces = listener.events.flatMap((event) => (event.type === "trace" ? event.trace : []));
      expect(traces).toHaveLength(4);
      const told = traces.map((trace) => ({ ...trace, server: site.origin }));
      const exported = exportHistory({ requests: [], traces: told, cookies: [] }, new Date(0)).text;
      for (const received of [JSON.stringify(traces), exported]) {
        expect(received, form).not.toContain(JSON.stringify(secret).slice(1, -1));
        expect(received).toContain(CANARY);
      }
      listener.close();
    }
  });
});
