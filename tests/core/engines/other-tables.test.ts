/** Sessions in a table of another name, and in another schema: the law, the names, and tables with more columns. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { cachedDatabase, database, sqlite, type TableOptions } from "session-bridge";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeEngine } from "./law.ts";
import { expectApart, on } from "./other-tables.ts";
import { makeDirectory, type Place } from "./servers.ts";

const LONGEST = "t".repeat(63);

describe("the name of a table", () => {
  const targets = {
    sqlite: "sqlite::memory:",
    postgres: "postgres://me@nowhere.invalid/app",
    mysql: "mysql://me@nowhere.invalid/app",
  };
  const refused: [what: string, options: TableOptions, message: RegExp][] = [
    [
      "with a quote",
      { table: 'a"; DROP TABLE users; --' },
      /table is "a\\"; DROP TABLE users; --"\. A name has/,
    ],
    ["with a backtick", { table: "a`b" }, /table is "a`b"/],
    ["with its schema", { table: "auth.sessions" }, /A table in another schema is \{ table, schema \}/],
    ["that is empty", { table: "" }, /table is ""/],
    ["with a NUL", { table: "a\0" }, /table is "a\\u0000"/],
    ["with a line break at its end", { table: "a\n" }, /table is "a\\n"/],
    ["of 65 bytes", { table: "t".repeat(65) }, /1 to 6[34] letters/],
    ["that is no string", { table: 7 as unknown as string }, /table is number/],
    ["of an option that does not exist", { tabel: "a" } as TableOptions, /there is no option tabel/],
  ];

  describe.each(Object.entries(targets))("in %s", (_vendor, target) => {
    it.each(refused)("%s is refused when the engine is made", (_what, options, message) => {
      const make = () => database(target, options);
      expect(make).toThrow(expect.objectContaining({ code: "settings" }));
      expect(make).toThrow(message);
      expect(() => cachedDatabase("memory:", target, options)).toThrow(message);
    });
  });

  it("may have 63 bytes in PostgreSQL, and 64 elsewhere", () => {
    expect(() => database(targets.postgres, { table: "t".repeat(64) })).toThrow(/1 to 63 letters/);
    for (const target of Object.values(targets)) database(target, { table: LONGEST });
    database(targets.mysql, { table: "t".repeat(64) });
  });

  it("is refused with a schema in SQLite, and if SQLite keeps it to itself", () => {
    expect(() => database(targets.sqlite, { schema: "main" })).toThrow(/SQLite has no schemas/);
    expect(() => database(targets.sqlite, { table: "sqlite_sessions" })).toThrow(/keeps names like/);
  });

  it("belongs to the database that it is made for", () => {
    expect(() => database(sqlite("sqlite::memory:"), { table: "a" })).toThrow(
      /Pass them where the database is made/,
    );
    expect(() => cachedDatabase("memory:", sqlite("sqlite::memory:"), { table: "a" })).toThrow(
      /postgres\(pool/,
    );
  });
});

describe("SQLite", () => {
  let place: Place;
  beforeAll(async () => {
    place = await makeDirectory();
  });
  afterAll(() => place.remove());
  const address = () => `sqlite:${join(place.address, "sessions.db")}`;

  describeEngine("SQLite, with a table of another name,", {
    make: () => database(address(), { table: "User_Sessions$2" }),
  });

  it("creates only that table in a new file, and says which one is missing in another", async () => {
    const file = join(place.address, "new.db");
    const made = on(database(`sqlite:${file}`, { table: "User_Sessions$2" }));
    await made.migrate();
    await made.close();
    const handle = new DatabaseSync(file);
    const names = handle
      .prepare("SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1")
      .all();
    expect(names.map(({ name }) => name)).toEqual([
      "User_Sessions$2",
      expect.stringMatching(/^User_Sessions\$2_expire_date_[0-9a-f]{8}$/),
    ]);
    const engine = database(sqlite(handle, { table: "nowhere" }));
    on(engine);
    await expect(engine.exists("abcdefgh")).rejects.toThrow(/the table nowhere does not exist/);
    handle.close();
  });

  it("has two tables in one file, whose sessions are apart", async () => {
    const [first, second] = [database(address(), { table: "one" }), database(address(), { table: "two" })];
    await expectApart(on(first), on(second));
  });
});
