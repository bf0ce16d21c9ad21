/** Servers without traces whose session cookie other origins also set and delete, because cookies ignore ports. */
import { expect, it } from "vitest";
import { chipsOf } from "../../../../extension/logic/timeline/chips.ts";
import { createModels } from "../../../../extension/models/index.ts";
import { pass } from "../../../panel/memory-ports/turns.ts";
import { createMemoryWorld, fillCookie } from "../../../panel/memory-ports/world.ts";

/** Waits until the reading is settled and shown. */
const SETTLED_MS = 3000;

/** A world whose server has no traces, with the panel on it. */
async function start() {
  const world = createMemoryWorld();
  world.server.hello = {
    ...world.server.hello,
    library: { name: "Django", version: "5.2" },
    capabilities: ["read", "edit"],
  };
  const models = createModels(world.ports);
  await pass(world, SETTLED_MS);
  expect(models.connection.current.value?.state.value.state).toBe("ready");
  const chips = (id: string) => {
    const entry = models.timeline.entries.value.find((each) => each.id === id);
    return entry ? chipsOf(entry).map(({ text }) => text) : [];
  };
  /** The changes that belong to no request. */
  const spans = () =>
    models.timeline.entries.value.flatMap((entry) =>
      entry.type === "span" ? [chipsOf(entry).map(({ text }) => text)] : [],
    );
  return { world, models, chips, spans };
}

const GONE = 'sessionid=""; Max-Age=0; Path=/';

async function signedIn() {
  const opened = await start();
  opened.world.server.put("key", { user_id: 1 });
  opened.world.setCookies([fillCookie({ value: "key" })]);
  await pass(opened.world, SETTLED_MS);
  return opened;
}

it("the session's cookie is deleted by a response of the same host on another port", async () => {
  const { world, chips, spans } = await signedIn();
  const before = spans().length;
  const logout = world.request({ url: "http://localhost:9000/logout", status: 200, setCookies: [GONE] });
  world.setCookies([]);
  await pass(world, SETTLED_MS);
  expect(chips(logout.id)).toEqual(["localhost:9000", "session gone", "reading"]);
  expect(spans()).toHaveLength(before);
});

it.each([
  ["of another host", "http://127.0.0.1:8000/logout", GONE],
  ["about a cookie of another Path", "http://localhost:9000/logout", `${GONE}admin`],
  ["about a cookie of another name", "http://localhost:9000/logout", "other=; Max-Age=0; Path=/"],
])("the session's cookie is not said to be deleted by a response %s", async (_, url, line) => {
  const { world, chips, spans } = await signedIn();
  const before = spans().length;
  const logout = world.request({ url, status: 200, setCookies: [line] });
  world.setCookies([]);
  await pass(world, SETTLED_MS);
  expect(chips(logout.id)).not.toContain("session gone");
  expect(spans()).toHaveLength(before + 1);
});
