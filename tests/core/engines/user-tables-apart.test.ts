/** Two session tables in one database, each with its own users: what happens to one user's sessions is no one else's. */
import { database } from "session-bridge";
import { afterAll, describe, expect, it } from "vitest";
import { nameTable } from "../../../server-bridge/src/core/engines/databases/table-name.ts";
import { library } from "../library.ts";
import { makeDirectory } from "./servers.ts";

const folder = await makeDirectory();
afterAll(() => folder.remove());

const users = { of: (session: { get(key: string): unknown }) => session.get("user_id"), exclusive: true };

describe.each(["session", "Session", "session_bridge"])("django_session, and a table called %s", (table) => {
  it("do not share their users", async () => {
    const address = `sqlite:${folder.address}/${table}-1.db`;
    const site = library({ engine: database(address), users }).sessions;
    const admin = library({ engine: database(address, { table }), users }).sessions;
    await site.migrate();
    await admin.migrate();
    const session = admin.open();
    session.set("user_id", 7);
    await session.save();

    await site.reindex();
    await site.endAll(7);
    await session.cycleKey();

    const listed: boolean[] = [];
    for await (const { current } of admin.forUser(7, { current: session })) listed.push(current);
    expect(listed).toEqual([true]);
    await site.close();
    await admin.close();
  });

  it.each(["sqlite", "postgres", "mysql"] as const)("have separate tables in %s", (vendor) => {
    const names = [{}, { table }].flatMap((options) => {
      const { plain, digestIndex } = nameTable(vendor, options).users;
      return [...plain, digestIndex].map((name) => name.toLowerCase());
    });
    expect(new Set(names).size).toBe(6);
  });
});
