/** Changing a session from the panel: edits, conflicts, expiry, new key, flush, and how each is undone. */
import { describe, expect, it } from "vitest";
import { createMemoryServer } from "../../../panel/memory-ports/server.ts";
import { pass, turns } from "../../../panel/memory-ports/turns.ts";
import { dataOf, edit, rowOf, start } from "../session-world.ts";

describe("editing a value", () => {
  it("saves it on the server and shows it", async () => {
    const { world, models } = await start('{"username":"ada","visits":1}');
    await edit(models, "username", "jane");
    expect(dataOf(world)).toBe('{"username":"jane","visits":1}');
    expect(models.tree.text.value).toBe('{"username":"jane","visits":1}');
    expect(models.editor.draft.value).toBeNull();
    expect(models.undo.offered.value).toEqual({ text: "Saved username", undo: true });
  });

  it("does not begin for a value that JSON has no form for, and deletes its key", async () => {
    const json = '{"seen":"\u2039cut: Python datetime 2026-11-30\u203a","visits":1}';
    const { world, models } = await start(json, {}, "Django");
    models.editor.edit(rowOf(models, "seen"));
    expect(models.editor.draft.value).toBeNull();
    models.editor.editText(["seen"]);
    expect(models.editor.draft.value).toBeNull();
    expect(models.undo.offered.value?.text).toBe("Not editable: JSON has no form for this value");
    await edit(models, "visits", "2");
    expect(JSON.parse(dataOf(world) ?? "")).toEqual(JSON.parse(json.replace("1}", "2}")));
    await models.editor.remove(rowOf(models, "seen"));
    expect(dataOf(world)).toBe('{"visits":2}');
  });

  it("begins for a string that only looks like such a value, in a library that has none", async () => {
    const { world, models } = await start(
      '{"nick":"\u2039cut: Python datetime 2026\u203a"}',
      {},
      "express-session",
    );
    expect(rowOf(models, "nick")).toMatchObject({ standIn: null });
    await edit(models, "nick", "ada");
    expect(dataOf(world)).toBe('{"nick":"ada"}');
  });

  it('adds a row with the origin "panel" to the timeline', async () => {
    const { world, models } = await start('{"visits":1}');
    await edit(models, "visits", "2");
    world.advance(20);
    expect(models.timeline.entries.value).toMatchObject([{ type: "edit", trace: { origin: "panel" } }]);
  });

  it("does not save unfinished typing when the page went to another server, whatever the field does then", async () => {
    const { world, models } = await start('{"visits":1}');
    models.editor.edit(rowOf(models, "visits"));
    models.editor.type("2");
    world.navigate("http://localhost:4000/");
    await models.editor.commit(); // the field goes with its row, and so loses the focus
    await turns();
    expect(dataOf(world)).toBe('{"visits":1}');
    expect(models.editor.draft.value).toBeNull();
    expect(models.undo.offered.value?.text).toMatch(
      /^Not saved: the session that was edited is no longer shown/,
    );
  });

  it("discards unfinished typing when another server's session with the same key is shown", async () => {
    const { world, models } = await start('{"visits":1}');
    const other = createMemoryServer(world.now);
    other.put("key", { visits: 7 });
    world.servers.set("http://localhost:4000", other);
    models.editor.edit(rowOf(models, "visits"));
    models.editor.type("2");
    world.navigate("http://localhost:4000/");
    await pass(world, 3000);
    expect(models.tree.text.value).toContain("7");
    expect(models.editor.draft.value).toBeNull();
    await models.editor.commit();
    await turns();
    expect(dataOf(world)).toBe('{"visits":1}');
    expect(other.read("key")?.dataJson).toBe('{"visits":7}');
  });

  it("sends nothing when nothing was changed", async () => {
    const { world, models } = await start('{"visits":1.0}');
    await edit(models, "visits", "1.0");
    expect(world.server.asked.filter((each) => each.name === "edit")).toEqual([]);
  });

  it("does not save invalid JSON, and says where the mistake is", async () => {
    const { world, models } = await start('{"cart":{"a":1}}');
    models.editor.editText(["cart"]);
    models.editor.type('{\n  "a": ]\n}');
    expect(models.editor.fault.value).toMatchObject({ line: 2, column: 8 });
    await models.editor.commit();
    expect(models.editor.draft.value).not.toBeNull();
    expect(dataOf(world)).toBe('{"cart":{"a":1}}');
  });

  it("is undone exactly, byte for byte", async () => {
    const { world, models } = await start('{"b":1.0,"a":2}');
    await edit(models, "b", "7");
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"b":1.0,"a":2}');
  });

  it("is undone without losing what someone wrote since", async () => {
    const { world, models } = await start('{"a":1,"b":1}');
    await edit(models, "a", "7");
    world.server.put("key", '{"a":7,"b":99}');
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"a":1,"b":99}');
  });

  it("saves an edit of the whole session as text, key by key", async () => {
    const { world, models } = await start('{"a":1,"gone":2,"same":3}');
    models.editor.editText([]);
    models.editor.type('{"a": [1], "same": 3, "new": null}');
    await models.editor.commit();
    const asked = world.server.asked.find((each) => each.name === "edit");
    expect(asked?.request).toMatchObject({
      operations: [
        { op: "set", path: ["new"], valueJson: "null" },
        { op: "delete", path: ["gone"] },
        { op: "set", path: ["a"], valueJson: "[1]" },
      ],
    });
    expect(JSON.parse(dataOf(world) ?? "")).toEqual({ a: [1], same: 3, new: null });
  });

  it("refuses a session that is not an object", async () => {
    const { models } = await start("{}");
    models.editor.editText([]);
    models.editor.type("[1]");
    expect(models.editor.fault.value?.message).toBe("A session is an object");
  });
});

describe("keys", () => {
  it("are added with any value", async () => {
    const { world, models } = await start('{"a":1}');
    models.editor.add([]);
    models.editor.name("cart");
    models.editor.type('{"total": 1}');
    await models.editor.commit();
    expect(dataOf(world)).toBe('{"a":1,"cart":{"total":1}}');
  });

  it("are added to a list at its end", async () => {
    const { world, models } = await start('{"list":[1]}');
    models.editor.add(["list"]);
    models.editor.type("two");
    await models.editor.commit();
    expect(dataOf(world)).toBe('{"list":[1,"two"]}');
  });

  it("need a name that is not there already", async () => {
    const { models } = await start('{"a":1}');
    models.editor.add([]);
    expect(models.editor.fault.value?.message).toBe("The key needs a name");
    models.editor.name("a");
    expect(models.editor.fault.value?.message).toBe("a already exists");
  });

  it("are deleted at once, with undo", async () => {
    const { world, models } = await start('{"a":1,"b":2}');
    await models.editor.remove(rowOf(models, "a"));
    expect(dataOf(world)).toBe('{"b":2}');
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"a":1,"b":2}');
  });
});

describe("a change by someone else meanwhile", () => {
  it("of another key does not stop the edit, and is kept", async () => {
    const { world, models } = await start('{"a":1,"visits":1}');
    models.editor.edit(rowOf(models, "a"));
    world.server.put("key", '{"a":1,"visits":2}');
    models.editor.type("5");
    await models.editor.commit();
    expect(dataOf(world)).toBe('{"a":5,"visits":2}');
    expect(models.editor.conflict.value).toBeNull();
  });

  it("of the same key is shown with all three values, and nothing is written", async () => {
    const { world, models } = await start('{"visits":1}');
    models.editor.edit(rowOf(models, "visits"));
    world.server.put("key", '{"visits":5}');
    models.editor.type("2");
    await models.editor.commit();
    expect(models.editor.conflict.value?.clashes).toEqual([
      { path: ["visits"], base: "1", yours: "2", theirs: "5" },
    ]);
    expect(dataOf(world)).toBe('{"visits":5}');
  });

  it("is overwritten only when you say so", async () => {
    const { world, models } = await start('{"visits":1,"other":1}');
    models.editor.edit(rowOf(models, "visits"));
    world.server.put("key", '{"visits":5,"other":9}');
    models.editor.type("2");
    await models.editor.commit();
    await models.editor.overwrite();
    expect(dataOf(world)).toBe('{"visits":2,"other":9}');
    await models.undo.undo();
    expect(dataOf(world)).toBe('{"visits":5,"other":9}');
  });

  it("stays when you keep theirs", async () => {
    const { world, models } = await start('{"visits":1}');
    models.editor.edit(rowOf(models, "visits"));
    world.server.put("key", '{"visits":5}');
    models.editor.type("2");
    await models.editor.commit();
    models.editor.keepTheirs();
    expect(models.editor.conflict.value).toBeNull();
    expect(dataOf(world)).toBe('{"visits":5}');
  });

  it("that moves positions in a list is a conflict for an edit by position", async () => {
    const { world, models } = await start('{"list":[1,2]}');
    models.tree.toggle('["list"]', true);
    models.editor.edit(rowOf(models, "1"));
    world.server.put("key", '{"list":[0,1,2]}');
    models.editor.type("9");
    await models.editor.commit();
    expect(models.editor.conflict.value).not.toBeNull();
    expect(dataOf(world)).toBe('{"list":[0,1,2]}');
  });
});

describe("the session as a whole", () => {
  it("gets a new key with its cookie in the browser, and undo restores the old one", async () => {
    const { world, models } = await start('{"a":1}');
    const live = models.session.live.value;
    if (live.state !== "present") throw new Error("There is a session.");
    await models.writes.cycle(live.subject, live.session);
    await turns();
    expect(world.cookies.cookies[0]?.value).toBe("key-next");
    expect(dataOf(world, "key-next")).toBe('{"a":1}');
    await models.undo.undo();
    expect(world.cookies.cookies[0]?.value).toBe("key");
    expect(dataOf(world)).toBe('{"a":1}');
    expect(dataOf(world, "key-next")).toBeUndefined();
  });

  it("keeps what was written under the new key when that is undone", async () => {
    const { world, models } = await start('{"a":1}');
    const live = models.session.live.value;
    if (live.state !== "present") throw new Error("There is a session.");
    await models.writes.cycle(live.subject, live.session);
    world.server.put("key-next", '{"a":1,"late":true}');
    await models.undo.undo();
    expect(dataOf(world, "key-next")).toBe('{"a":1,"late":true}');
    expect(models.undo.offered.value?.text).toBe("Not undone: the session has been changed since.");
  });

  it("is flushed with its cookie, and undo restores both", async () => {
    const { world, models } = await start('{"a":1}');
    const cookie = world.cookies.cookies[0];
    const live = models.session.live.value;
    if (live.state !== "present") throw new Error("There is a session.");
    await models.writes.flush(live.subject, live.session);
    await turns();
    expect(world.cookies.cookies).toEqual([]);
    expect(models.session.live.value).toEqual({ state: "none", reason: "no-cookie" });
    await models.undo.undo();
    await turns();
    expect(world.cookies.cookies).toEqual([cookie]);
    expect(models.tree.text.value).toBe('{"a":1}');
  });

  it("says when the browser did not accept the new cookie", async () => {
    const { world, models } = await start('{"a":1}');
    world.refuseCookies = "The jar is closed.";
    const live = models.session.live.value;
    if (live.state !== "present") throw new Error("There is a session.");
    await models.writes.cycle(live.subject, live.session);
    expect(models.undo.offered.value?.text).toContain("but the cookie was not: The jar is closed.");
  });
});

describe("what cannot be done", () => {
  it("is reported with its reason: another request is shown, no session, not offered", async () => {
    const { world, models } = await start('{"a":1}');
    expect(models.able.edit.value).toBeNull();
    world.request({ id: "one" });
    world.advance(20);
    models.view.select("one");
    expect(models.able.edit.value).toBe("only the present session can be changed");
    models.view.select(null);
    world.server.hello = { ...world.server.hello, capabilities: ["read", "traces"], process: "p9" };
    world.server.cut();
    await turns();
    world.advance(1000);
    await turns();
    expect(models.able.edit.value).toBe("session-bridge does not offer this");
    expect(models.able.flush.value).toBe("session-bridge does not offer this");
  });
});
