/** The named states of the harness page: every state of the panel that has a look of its own. */
import type { Models } from "../../../entrypoints/panel/models/index.ts";
import type { MemoryWorld } from "../../../entrypoints/panel/ports/memory.ts";
import { playStory, storyCookies } from "./story.ts";

export interface HarnessState {
  /** Before the models are made. */
  before?: (world: MemoryWorld) => void;
  /** When the panel stands. */
  after?: (world: MemoryWorld, models: Models) => void | Promise<void>;
}

const story = async (world: MemoryWorld): Promise<void> => {
  playStory(world, false);
  await turns();
};

/** States by the name in the address. */
export const STATES: Readonly<Record<string, HarnessState>> = {
  login: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      const post = models.view.rows.peek().find((entry) => entry.type === "request" && entry.number === 3);
      models.view.select(post?.id ?? null);
    },
  },
  now: { before: storyCookies, after: story },
  logout: { before: storyCookies, after: (world) => playStory(world, true) },
  changes: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      const add = models.view.rows.peek().find((entry) => entry.type === "request" && entry.number === 6);
      models.view.select(add?.id ?? null);
      models.tree.show("changes");
    },
  },
  cookie: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      models.tree.show("cookie");
    },
  },
  raw: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      models.tree.show("raw");
    },
  },
  "no-bridge": {
    before(world) {
      storyCookies(world);
      world.server.setMood("absent");
    },
  },
  "no-access": {
    before(world) {
      world.server.setMood("no-access");
      world.cookies = { ...world.cookies, denied: ["http://localhost:8000"] };
    },
  },
  "no-session": {},
  filtered: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      models.view.search("foo");
    },
  },
  "closed-page": {
    before(world) {
      world.url = null;
    },
  },
  lost: {
    before: storyCookies,
    async after(world) {
      await story(world);
      world.server.setMood("down");
    },
  },
  back: {
    before: storyCookies,
    async after(world) {
      await story(world);
      world.server.setMood("down");
      await turns();
      world.server.setMood("up");
      world.server.restart();
      for (let second = 0; second < 4; second += 1) {
        await turns();
        world.advance(1000);
      }
    },
  },
  refused: {
    before(world) {
      storyCookies(world);
      world.server.setMood("refused");
    },
  },
  version: {
    before(world) {
      storyCookies(world);
      world.server.setMood("version");
    },
  },
  tampered: {
    before(world) {
      storyCookies(world);
      world.cookies.cookies[0] = { ...requireCookie(world), value: "forged.value" };
    },
  },
};

function requireCookie(world: MemoryWorld) {
  const [cookie] = world.cookies.cookies;
  if (cookie === undefined) throw new Error("The story has cookies.");
  return cookie;
}

/** Lets promises run. */
export async function turns(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setTimeout(resolve));
}
