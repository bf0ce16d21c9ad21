/**
 * Attacker: someone with a copy of the app's own table. Holds: every key, and all that is stored next to it. Wants: one of
 * these, or the cookie's text in another form, to be taken for the cookie, and any other text to reach the table.
 */
import { describe, expect, it } from "vitest";
import { call } from "../../bridge/site.ts";
import { closeApps, createTable, FORMS, startTableApp } from "../../sources/custom/table-app.ts";
import { CANARY, callAll, later, listenIn } from "../kit/scene.ts";

/** The victim has logged in; the app's own table is in memory. */
async function openTable(form: (typeof FORMS)[keyof typeof FORMS]) {
  later(closeApps);
  const table = createTable(form);
  const asked: string[] = [];
  const keys: (string | null)[] = [];
  const { base, lines } = await startTableApp({
    form,
    table,
    source: {
      ...table.options,
      async toKey(cookie) {
        const key = await table.options.toKey(cookie);
        keys.push(key);
        return key;
      },
      load(key) {
        asked.push(key);
        return table.options.load(key);
      },
    },
  });
  const victims = table.create(form, { note: CANARY }, new Date(Date.now() + 60_000));
  const key = String(await table.options.toKey(victims));
  return { table, site: { origin: base }, victims, key, asked, keys, lines };
}

/** Waits for a trace with this text. The first trace of a request may come before its key is known. */
async function hear(listener: Awaited<ReturnType<typeof listenIn>>, text: string): Promise<void> {
  while (!JSON.stringify(await listener.next("trace")).includes(text));
}

function variantsOf(cookie: string): string[] {
  const [first = "", second = ""] = cookie.split(".");
  return [
    ...[cookie.toUpperCase(), cookie.toLowerCase(), cookie.slice(0, -1), `${cookie}x`],
    ...[" ", "\t", "\n", "\0", "%00", "%20", ".", ";", '"', "\u200b"].flatMap((one) => [
      cookie + one,
      one + cookie,
    ]),
    ...[`"${cookie}"`, `s:${cookie}`, `${first}.`, `${first}.${first}`, `.${second}`, `${cookie}.${cookie}`],
  ].filter((one) => one !== cookie);
}

describe.each(Object.entries(FORMS))("of a table with %s", (name, form) => {
  it("nothing but the cookie shows a session, and the table is asked for nothing that toKey() has not returned", async () => {
    const { table, site, victims, key, asked, keys, lines } = await openTable(form);
    const stored = table.contents();
    const texts = variantsOf(victims);
    if (name !== "plain ids") texts.push(key, key.toUpperCase(), `${key}.${victims}`, JSON.stringify(key));
    const received: string[] = [];
    for (const cookie of texts) received.push((await call(site, "session", { cookie, keep: true })).text);
    const long = "x".repeat(1_000_000);
    for (const text of [key.toUpperCase(), ` ${victims}`, long])
      received.push(...(await callAll(site, text)));
    expect(received.join()).not.toContain(CANARY);
    expect(table.contents()).toEqual(stored);
    expect(asked.filter((one) => !keys.includes(one))).toEqual([]);
    expect((await callAll(site, victims)).join()).toContain(CANARY);
    expect(lines.join()).not.toContain(victims);
  });

  it("no stream has a trace of the session for less than the cookie, and no trace has the cookie's text", async () => {
    const { table, site, victims, key, lines } = await openTable(form);
    const own = table.create(form, { note: "of the attacker" }, new Date(Date.now() + 60_000));
    const others = [...variantsOf(victims).slice(0, 15), ...(name === "plain ids" ? [] : [key]), own];
    const attacker = await listenIn(site, { cookies: others });
    const victim = await listenIn(site, { cookies: [victims] });
    for (const cookie of [victims, own])
      await fetch(`${site.origin}/cart?item=tea`, {
        method: "POST",
        headers: { cookie: `session=${cookie}` },
      });
    await hear(victim, CANARY);
    await hear(attacker, "of the attacker");
    expect(JSON.stringify(attacker.events)).not.toContain(CANARY);
    const everything = JSON.stringify([victim.events, attacker.events, lines]);
    for (const secret of [victims, key, own]) expect(everything).not.toContain(secret);
  });
});
