/** Undo when something came in between: another write, a list that moved, an undo that failed. */
import { describe, expect, it } from "vitest";
import { turns } from "../../../panel/memory-ports/turns.ts";
import { fillCookie } from "../../../panel/memory-ports/world.ts";
import { dataOf, edit, rowOf, start } from "../session-world.ts";

describe("a change", () => {
  it("is not undone over a later change of the same key", async () => {
    const { world, models } = await start('{"a":1,"b":1}');
    await edit(models, "a", "7");
    world.server.put("key", '{"a":9,"b":1}');
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"a":9,"b":1}');
    expect(models.undo.offered.value?.text).toBe("Not undone: the session has been changed since.");
  });

  it("that did not touch the cookie does not touch it when undone", async () => {
    const { world, models } = await start('{"a":1}');
    await edit(models, "a", "7");
    const slid = fillCookie({ value: "key", expiresAt: world.now() + 7_200_000 });
    world.setCookies([slid]);
    await turns();
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"a":1}');
    expect(world.cookies.cookies).toEqual([slid]);
  });

  it("of a list is undone at its position, even if someone wrote another key since", async () => {
    const { world, models } = await start('{"list":[1,2,3],"b":1}');
    models.tree.reveal(["list", 0]);
    await models.editor.remove(rowOf(models, "0"));
    expect(dataOf(world)).toBe('{"list":[2,3],"b":1}');
    world.server.put("key", '{"list":[2,3],"b":99}');
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"list":[1,2,3],"b":99}');
  });

  it("can be undone again after an undo that failed", async () => {
    const { models } = await start('{"a":1}');
    let broken = true;
    const back = async () => (broken ? Promise.reject(new Error("the line is cut")) : null);
    models.undo.did({ did: "Saved a", back });
    await models.undo.undo();
    expect(models.undo.offered.value?.text).toBe("Not undone: the line is cut");
    broken = false;
    await models.undo.undo();
    expect(models.undo.offered.value?.text).toBe("Undone: saved a");
  });

  it("reports a cookie that should be gone but is not", async () => {
    const { world, models } = await start('{"a":1}');
    world.ports.cookies.remove = async () => false;
    const subject = models.session.subject.peek();
    const live = models.session.live.peek();
    if (subject === null || live.state !== "present") throw new Error("There is no session.");
    await models.writes.flush(subject, live.session);
    expect(models.undo.offered.value?.text).toBe(
      "Flushed the session, but the cookie was not: it is still there.",
    );
  });

  it("that lost the cookie restores it when undone", async () => {
    const { world, models } = await start('{"a":1}');
    const [cookie] = world.cookies.cookies;
    const { write } = world.ports.cookies;
    world.ports.cookies.write = async () => {
      world.setCookies([]);
      return { ok: false, reason: "It is too long.", restored: false };
    };
    const subject = models.session.subject.peek();
    const live = models.session.live.peek();
    if (subject === null || live.state !== "present") throw new Error("There is no session.");
    await models.writes.cycle(subject, live.session);
    expect(world.cookies.cookies).toEqual([]);
    world.ports.cookies.write = write;
    await models.undo.undo();
    expect(world.cookies.cookies).toEqual([cookie]);
  });
});
