// @vitest-environment happy-dom
/** The tab Devices: the sessions of the user who is logged in, ending the others, and what it says if there is no list. */
import { fireEvent, screen, waitFor, within } from "@testing-library/preact";
import { describe, expect, it } from "vitest";
import { logInAt, showDevices } from "../harness/devices-states.ts";
import { KEY } from "../harness/story.ts";
import { createMemoryServer } from "../memory-ports/server.ts";
import { pass, turns } from "../memory-ports/turns.ts";
import { createMemoryWorld, fillCookie, type MemoryWorld } from "../memory-ports/world.ts";
import { openPanel } from "./open-panel.tsx";

const HOUR = 3_600_000;

/** @param aheadMs the server's clock minus the browser's */
async function open(others: number, more: (world: MemoryWorld) => void = () => {}, aheadMs = 0) {
  const world = createMemoryWorld();
  world.server = createMemoryServer(() => world.now() + aheadMs);
  logInAt(world, others, aheadMs);
  more(world);
  const models = openPanel(world);
  await turns();
  await showDevices(models);
  return { world, models };
}

const rows = () =>
  within(screen.getByRole("region", { name: "Sessions of this user" }))
    .getAllByRole("row")
    .map((row) => row.textContent);
const said = () => screen.getByRole("tabpanel").textContent;
const asked = ({ server }: MemoryWorld, name: string) => server.asked.filter((one) => one.name === name);
const end = async () => {
  fireEvent.click(screen.getByRole("button", { name: "End the others" }));
  const dialog = await screen.findByRole("dialog", { name: "End the others" });
  const words = dialog.textContent;
  fireEvent.click(within(dialog).getByRole("button"));
  await turns();
  return words;
};

describe("the tab Devices", () => {
  it("lists this session first, with age, last use and expiry, and says what is not known", async () => {
    await open(3);
    expect(rows()).toEqual([
      "SessionLogged inLast savedExpires in",
      "This one3 h agojust now14d 00:00:00",
      "Other 120 min ago20 min ago13d 23:40:00",
      "Other 21 d ago40 min ago13d 23:20:00",
      "Other 3not knownnot known13d 23:00:00",
    ]);
    expect(screen.getByRole("region", { name: "Sessions of this user" }).tabIndex).toBe(0);
  });

  it("counts by the browser's clock, whatever the server's says", async () => {
    await open(1, () => {}, HOUR);
    expect(rows().slice(1)).toEqual([
      "This one3 h agojust now14d 00:00:00",
      "Other 120 min ago20 min ago13d 23:40:00",
    ]);
  });

  it("shows no list of another cookie than the page has now", async () => {
    const { world } = await open(1);
    expect(rows()).toHaveLength(3);
    const { call } = world.server;
    world.server.call = async (origin, name, request) =>
      name === "devices" ? new Promise<never>(() => {}) : call(origin, name, request); // the answer is still to come
    world.server.put("another", { user_id: 7 });
    world.setCookies([fillCookie({ value: "another" })]);
    await turns();
    expect(screen.queryByRole("region", { name: "Sessions of this user" })).toBeNull();
    expect(screen.queryByRole("button", { name: "End the others" })).toBeNull();
  });

  it("asks with the cookie alone, and only while it is shown", async () => {
    const { world, models } = await open(1);
    const first = asked(world, "devices");
    expect(first.map(({ request }) => request)).toEqual(first.map(() => ({ protocol: 1, cookie: KEY })));
    models.tree.show("contents");
    world.server.put(KEY, { user_id: 123, visits: 2 });
    world.server.trace({ changes: [{ key: "visits", kind: "changed" }] });
    await pass(world, 2000);
    expect(asked(world, "devices")).toHaveLength(first.length);
    models.tree.show("devices");
    await turns();
    expect(asked(world, "devices").length).toBeGreaterThan(first.length);
  });

  it("lists again with each trace of the session, and by its button", async () => {
    const { world } = await open(1);
    world.server.put("later", { user_id: 123 });
    world.server.trace({ changes: [{ key: "visits", kind: "changed" }] });
    await pass(world, 1000);
    expect(rows()).toHaveLength(4);
    world.server.put("last", { user_id: 123 });
    fireEvent.click(screen.getByRole("button", { name: "List again" }));
    await turns();
    expect(rows()).toHaveLength(5);
  });

  it("asks at most once a second, however many traces there are", async () => {
    const { world } = await open(1);
    const first = asked(world, "devices").length;
    for (let at = 0; at < 20; at += 1) {
      world.server.trace({ changes: [{ key: "visits", kind: "changed" }] });
      await pass(world, 100);
    }
    expect(asked(world, "devices").length - first).toBeGreaterThanOrEqual(1);
    expect(asked(world, "devices").length - first).toBeLessThanOrEqual(3);
  });

  it("is not there if the bridge has no such list, even if it was chosen before", async () => {
    const world = createMemoryWorld();
    world.server.put(KEY, { user_id: 123 });
    const models = openPanel(world);
    await turns();
    models.tree.show("devices");
    await turns();
    expect(screen.queryByRole("tab", { name: "Devices" })).toBeNull();
    expect(screen.getByRole("tab", { name: "Contents" }).getAttribute("aria-selected")).toBe("true");
    expect(asked(world, "devices")).toEqual([]);
  });

  it("says that a session is the only one, and how to see a second one", async () => {
    await open(0);
    expect(said()).toContain("This is the user's only session. Log in with another browser");
    expect(screen.getByRole("button", { name: "End the others" }).title).toContain(
      "there is no other session",
    );
  });

  it("says that the list may be incomplete in the server's words, and how many there are", async () => {
    await open(320, ({ server }) => {
      server.devices = { why: "Django may have made more. Call sessions.reindex()." };
    });
    expect(said()).toContain("There may be more. The server says: “Django may have made more.");
    expect(said()).toContain("The 200 that were saved last are listed.");
    expect(screen.getByRole("heading", { name: /Sessions of this user/ }).textContent).toContain("321");
  });

  it("says that no one is logged in, that there is no session, or that the list could not be read", async () => {
    const { world } = await open(1, ({ server }) => server.put(KEY, { visits: 1 }));
    expect(said()).toContain("No one is logged in");
    world.server.drop(KEY);
    world.server.trace({ changes: [{ key: "visits", kind: "changed" }] });
    await pass(world, 1000);
    expect(said()).toContain("No session yet");
    world.server.put(KEY, { user_id: 123 });
    const { call } = world.server;
    let isBroken = true;
    world.server.call = async (origin, name, request) =>
      name === "devices" && isBroken
        ? { ok: false, problem: { kind: "unreachable", detail: "" } }
        : call(origin, name, request);
    world.server.trace({ changes: [{ key: "visits", kind: "changed" }] });
    await pass(world, 1000);
    expect(said()).toContain("The list could not be readThe server does not answer.");
    isBroken = false;
    fireEvent.click(screen.getByRole("button", { name: "List again" }));
    await turns();
    expect(rows()).toHaveLength(3);
  });
});

describe("End the others", () => {
  it("says what it does and that it can be undone, ends them, and puts them back", async () => {
    const { world, models } = await open(2);
    expect(await end()).toContain("2 other sessions will end, and this one stays. You can undo it");
    expect(world.server.read("other0")).toBeUndefined();
    expect(world.server.read(KEY)).toBeDefined();
    expect(rows()).toHaveLength(2);
    expect(models.undo.offered.value).toEqual({ text: "Ended 2 other sessions of this user", undo: true });
    expect(asked(world, "end-others")[0]?.request).toEqual({
      protocol: 1,
      cookie: KEY,
      ifVersion: "1",
      keep: true,
    });
    await pass(world, 50);
    expect(models.timeline.entries.value.at(-1)).toMatchObject({ type: "edit", own: true });
    fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    await turns();
    expect(world.server.read("other0")).toBeDefined();
    await waitFor(() => expect(rows()).toHaveLength(4));
    expect(models.undo.offered.value?.text).toBe("Undone: ended 2 other sessions of this user");
  });

  it("says before that it cannot be undone, and then offers no undo", async () => {
    const { models } = await open(2, ({ server }) => {
      server.devices = { canUndo: false };
    });
    expect(await end()).toContain("This cannot be undone");
    expect(models.undo.offered.value).toEqual({
      text: "Ended 2 other sessions of this user. This cannot be undone.",
      undo: false,
    });
  });

  describe.each([
    ["like the browser's", 0],
    ["an hour ahead", HOUR],
    ["an hour behind", -HOUR],
  ])("with a server's clock %s", (_, aheadMs) => {
    it("is undone within five minutes", async () => {
      const { world, models } = await open(1, () => {}, aheadMs);
      await end();
      world.advance(299_000);
      await models.undo.undo();
      expect(models.undo.offered.value?.text).toBe("Undone: ended 1 other session of this user");
      expect(world.server.read("other0")).toBeDefined();
    });

    it("is not undone after five minutes: the change before it is next", async () => {
      const { world, models } = await open(1, () => {}, aheadMs);
      models.undo.did({ did: "Saved a", back: async () => null });
      await end();
      world.advance(300_000);
      await models.undo.undo();
      expect(models.undo.offered.value?.text).toBe("Undone: saved a");
      expect(world.server.read("other0")).toBeUndefined();
    });
  });

  it("tells in the server's words why it was not undone", async () => {
    const { world, models } = await open(1);
    await end();
    world.server.put(KEY, { user_id: 7 });
    await models.undo.undo();
    expect(models.undo.offered.value?.text).toMatch(/^Not undone: The server says: “Another user/);
  });

  it("ends nothing if the session has changed since the list was read", async () => {
    const { world, models } = await open(1);
    fireEvent.click(screen.getByRole("button", { name: "End the others" }));
    world.server.put(KEY, { user_id: 123, visits: 2 });
    fireEvent.click(await screen.findByRole("button", { name: "End 1 session" }));
    await turns();
    expect(models.undo.offered.value?.text).toBe(
      "Not ended: the session has changed in the meantime. Look at the list again.",
    );
    expect(world.server.read("other0")).toBeDefined();
  });

  it("is off, with the reason, on a server that allows viewing only", async () => {
    await open(1, ({ server }) => {
      const { hello } = server;
      server.hello = {
        ...hello,
        capabilities: hello.capabilities.filter((each) => each !== "end-others"),
      };
    });
    const button = screen.getByRole("button", { name: "End the others" });
    expect(button.getAttribute("aria-disabled")).toBe("true");
    expect(button.title).toContain("this server allows viewing only");
  });
});
