/** A panel that works on one visitor's session, with a clock that the test moves. */
import type { Engine } from "session-bridge";
import { type Answer, call, readSession, type Site, startSite, Visitor } from "./site.ts";

/** Where the clock of every panel's site starts. */
export const START = 1_790_000_000_000;

/** One site, one logged-in visitor, and the calls that their panel makes. */
export class Panel {
  now = START;
  site: Site;
  visitor: Visitor;

  private constructor(site: Site) {
    this.site = site;
    this.visitor = new Visitor(site);
  }

  /** Starts a site on `engine` (default SQLite in memory) and logs a visitor in. */
  static async open(engine?: Engine): Promise<Panel> {
    const clock = { now: () => START };
    const now = { clock: () => clock.now() };
    const options = { sessions: now, bridge: now };
    const panel = new Panel(await startSite(engine === undefined ? options : { ...options, engine }));
    clock.now = () => panel.now;
    await panel.visitor.visit("/login", "POST");
    return panel;
  }

  /** A call that writes, on the session as it is now. */
  async write(name: string, body: object, cookie = this.visitor.cookie): Promise<Answer> {
    const { version } = await readSession(this.site, cookie);
    return call(this.site, name, { cookie, ifVersion: version, ...body });
  }

  set(path: (string | number)[], valueJson: string): Promise<Answer> {
    return this.write("edit", { operations: [{ op: "set", path, valueJson }] });
  }

  /** Restores the copy in a write's response. */
  restore({ json: { kept } }: Answer, more: object = {}): Promise<Answer> {
    return call(this.site, "restore", { cookie: kept.cookie, kept, replaces: null, ...more });
  }

  async data(cookie = this.visitor.cookie): Promise<string> {
    return (await readSession(this.site, cookie)).dataJson;
  }

  /** What the bridge says about a session, even if there is none. */
  async look(cookie = this.visitor.cookie) {
    return (await call(this.site, "session", { cookie })).json;
  }

  close(): Promise<void> {
    return this.site.close();
  }
}
