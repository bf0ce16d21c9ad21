/** What an application's own tests do with the library under Jest, which gives tests their own realm. */
const { mkdtempSync, rmSync } = require("node:fs");
const { createServer } = require("node:http");
const { tmpdir } = require("node:os");
const { join } = require("node:path");
const { createSessions, database, file } = require("session-bridge");
const { withSessions } = require("session-bridge/node");

jest.mock("pg", () => ({
  Pool: class {
    on() {}
    async query() {
      return { rows: [], rowCount: 0 };
    }
    async end() {}
  },
}));

const secretKey = "only for the tests with Jest, fifty characters long";
let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sessions-jest-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a session goes over HTTP", async () => {
  const sessions = createSessions({ secretKey, engine: database("sqlite::memory:") });
  const handler = withSessions(sessions, ({ session }, response) => {
    session.visits = (session.visits ?? 0) + 1;
    response.end(String(session.visits));
  });
  const server = createServer(handler);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  const first = await fetch(url);
  const cookie = first.headers.get("set-cookie").split(";")[0];
  const second = await fetch(url, { headers: { cookie } });
  expect([await first.text(), await second.text()]).toEqual(["1", "2"]);
  server.close();
  await sessions.close();
});

test("a session that no file holds is empty", async () => {
  const sessions = createSessions({ secretKey, engine: file(folder) });
  const session = sessions.open("abcdefghijklmnopqrstuvwxyz012345");
  await session.load();
  expect(session.isEmpty()).toBe(true);
});

test("a write waits for SQLite's lock", async () => {
  const path = join(folder, "sessions.db");
  const sessions = createSessions({ secretKey, engine: database(`sqlite:${path}`) });
  const session = sessions.open();
  await session.save();
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const other = new DatabaseSync(path);
  other.exec("BEGIN IMMEDIATE");
  session.user_id = 123;
  const saved = session.save();
  setImmediate(() => setImmediate(() => other.exec("COMMIT"))); // after the first try
  await saved;
  other.close();
  await sessions.close();
});

test("jest.mock() reaches the driver", async () => {
  const sessions = createSessions({ secretKey, engine: database("postgres://nowhere.invalid/app") });
  const session = sessions.open("abcdefghijklmnopqrstuvwxyz012345");
  await session.load();
  expect(session.isEmpty()).toBe(true);
  await sessions.close();
});
