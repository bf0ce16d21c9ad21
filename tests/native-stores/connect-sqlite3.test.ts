/** The bridge over connect-sqlite3: sqlite3 is a native addon whose callbacks have no asynchronous context. */
import connect from "connect-sqlite3";
import session from "express-session";
import sqlite3 from "sqlite3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createClient,
  type PassportApp,
  readDeeds,
  startPassportApp,
} from "../sources/foreign/passport-app.ts";

describe("a Passport login over connect-sqlite3", () => {
  let app: PassportApp;
  let close: () => Promise<unknown>;

  beforeAll(async () => {
    const db = new sqlite3.Database(":memory:");
    app = await startPassportApp({
      store: new (connect(session))({ db }),
      findUser: (name, answer) =>
        db.get("SELECT ? AS name", [name], (error, row) => answer(error, String(row?.["name"]))),
    });
    close = () => new Promise((resolve) => db.close(resolve));
  });
  afterAll(async () => {
    app?.server.close();
    app?.server.closeAllConnections();
    await close?.();
  });

  it("reports what the app did in each of 200 requests of two users at the same time", async () => {
    const clients = ["ann", "bob"].map((user) => createClient(app.base, user));
    for (let round = 0; round < 10; round += 1) {
      await Promise.all(clients.map((client) => client.go(20)));
      for (const client of clients) {
        const { ids, cookies } = client.take();
        const told = await readDeeds(app.base, ids, cookies);
        expect(ids.map((id) => told.get(id))).toEqual(ids.map((id) => app.deeds.get(id)));
      }
    }
    expect(app.deeds.size).toBe(400);
  });
});
