/** The named states of the harness page: every state of the panel that looks different. */
import type { Tab } from "../../../extension/models/showing/tree.ts";
import { createMemoryServer, type MemoryServer, type ServerMood } from "../memory-ports/server.ts";
import { turns } from "../memory-ports/turns.ts";
import { fillCookie, type MemoryWorld } from "../memory-ports/world.ts";
import { CONNECT_STATES } from "./connect-states.ts";
import { COOKIE_STATES } from "./cookie-states.ts";
import { fillHistory, largeSession, manyCookies } from "./crowd.ts";
import { openDemo, playDemo } from "./demo.ts";
import { DEVICES_STATES } from "./devices-states.ts";
import { DJANGO_LOGIN } from "./django-story.ts";
import { FIRST_MINUTE } from "./first-minute.ts";
import type { HarnessState } from "./harness-state.ts";
import { hostileJson } from "./hostile.ts";
import type { StateName } from "./names.ts";
import { edit, press, requireCookie, rowNumber } from "./steps.ts";
import { DJANGO_SESSION, KEY, playStory, playTrouble, storyCookies } from "./story.ts";

const story = async (world: MemoryWorld): Promise<void> => {
  playStory(world, false);
  await turns();
};

/** A tab of the session pane in the story, at the request of this number or now. */
function tabAt(tab: Tab, number: number | null = null): HarnessState {
  return {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      if (number !== null) models.view.select(rowNumber(models, number));
      models.tree.show(tab);
    },
  };
}

/** Another server in this mood. */
function serverIn(world: MemoryWorld, mood: ServerMood): MemoryServer {
  const server = createMemoryServer(world.now);
  server.setMood(mood);
  return server;
}

/** States by the name in the address. */
export const STATES: Readonly<Record<StateName, HarnessState>> = {
  ...CONNECT_STATES,
  ...COOKIE_STATES,
  ...DEVICES_STATES,
  demo: {
    before: openDemo,
    async after(world, models) {
      playDemo(world);
      await turns();
      models.view.select(rowNumber(models, 2));
    },
  },
  login: tabAt("contents", 3),
  django: {
    before(world) {
      storyCookies(world);
      world.server.put(KEY, DJANGO_SESSION);
    },
  },
  "django-login": DJANGO_LOGIN,
  now: { before: storyCookies, after: story },
  logout: { before: storyCookies, after: (world) => playStory(world, true) },
  changes: tabAt("changes", 6),
  cookie: tabAt("cookie"),
  raw: tabAt("raw"),
  why: tabAt("why", 7),
  "why-many": {
    before: storyCookies,
    async after(world, models) {
      playTrouble(world);
      await turns();
      models.view.select(rowNumber(models, 6));
      models.tree.show("why");
    },
  },
  "no-bridge": {
    before(world) {
      storyCookies(world);
      world.server.setMood("absent");
    },
    after: (world) => void world.request({}),
  },
  ...FIRST_MINUTE,
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
      world.server.hello = { ...world.server.hello, engine: "signed_cookies" };
    },
  },
  unproven: {
    before(world) {
      storyCookies(world);
      const unproven = "cookieSession() needs the keys that sign its cookie. Pass them as keys.";
      world.server.hello = { ...world.server.hello, capabilities: [], unproven };
    },
  },
  "other-origin": {
    before(world) {
      storyCookies(world);
      world.url = "http://localhost:5173/";
      world.servers.set("http://localhost:5173", serverIn(world, "absent"));
    },
    after: story,
  },
  "other-token": {
    before(world) {
      storyCookies(world);
      world.server.setMood("absent");
      world.servers.set("http://localhost:3000", serverIn(world, "refused"));
    },
    after: (world) => void world.request({ url: "http://localhost:3000/api", traceId: "t".repeat(22) }),
  },
  "shared-cookie": {
    before(world) {
      storyCookies(world);
      world.servers.set("http://localhost:3000", serverIn(world, "up"));
      world.url = "http://localhost:3000/";
    },
    async after(world) {
      world.navigate("http://localhost:8000/");
      await story(world);
    },
  },
  "site-elsewhere": {
    before(world) {
      world.url = "https://shop.example/";
      world.server.setMood("absent");
    },
  },
  range: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      models.view.select(rowNumber(models, 3));
      models.view.extend(rowNumber(models, 8));
      models.tree.show("changes");
    },
  },
  editing: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      models.tree.toggle('["cart"]', true);
      await turns();
      edit(models, "total");
      models.editor.type("19.9");
    },
  },
  "edit-text": {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      models.editor.editText(["cart"]);
      models.editor.type('{\n  "items": [],\n  "total": 19.5,\n  "gift": maybe\n}');
    },
  },
  "add-key": {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      models.editor.add([]);
      models.editor.name("visits");
      models.editor.type("1");
    },
  },
  conflict: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      edit(models, "visits");
      world.server.put(KEY, { ...JSON.parse(world.server.read(KEY)?.dataJson ?? "{}"), visits: 9 });
      models.editor.type("6");
      await models.editor.commit();
    },
  },
  saved: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      edit(models, "username");
      models.editor.type("jane_doe");
      await models.editor.commit();
    },
  },
  "edit-cookie": {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      models.tree.show("cookie");
      models.cookieEditor.begin(requireCookie(world));
    },
  },
  "close-preview": {
    before: storyCookies,
    async after(world) {
      world.storage = [{ origin: "http://localhost:8000", items: [["draft", "x"]] }];
      await story(world);
      await press("Simulate browser close");
    },
  },
  "close-result": {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      await press("Simulate browser close");
      await turns();
      const done = models.rehearsal.close();
      await turns();
      world.advance(2000);
      await done;
    },
  },
  "fast-forward": {
    before: storyCookies,
    async after(world) {
      await story(world);
      await press("Fast-forward");
    },
  },
  expiry: {
    before: storyCookies,
    async after(world) {
      await story(world);
      await press("Set expiry");
    },
  },
  settings: {
    before: storyCookies,
    async after(world) {
      await story(world);
      await press("Settings");
    },
  },
  snapshots: {
    before: storyCookies,
    async after(world, models) {
      await story(world);
      await models.snapshots.take("logged in");
      await press("Snapshots");
    },
  },
  exchange: {
    before: storyCookies,
    async after(world) {
      await story(world);
      await press("Export and import");
    },
  },
  expired: {
    before(world) {
      storyCookies(world);
      world.cookies.cookies = world.cookies.cookies.map((cookie, at) =>
        at === 0 ? { ...cookie, expiresAt: world.now() + 2000 } : cookie,
      );
    },
    async after(world) {
      world.cookies = { ...world.cookies, cookies: world.cookies.cookies.slice(1) };
      for (let second = 0; second < 3; second += 1) {
        world.advance(1000);
        await turns();
      }
    },
  },
  hostile: {
    before(world) {
      world.server.put(KEY, hostileJson());
      world.setCookies([fillCookie({ value: KEY, name: "session<b>id\u202E" }), fillCookie({ value: KEY })]);
    },
    async after(world) {
      const value = "<img src=x onerror=window.pwned=1>";
      world.server.trace({
        request: { method: value, path: `/${value}`, status: 200, durationMs: 1 },
        changes: [{ key: value, kind: "added", writer: value }],
      });
      world.request({
        method: value,
        url: `http://localhost:8000/${value}\u202E`,
        setCookies: [`${value}=1`],
        sentCookies: ["sessionid"],
      });
      world.advance(2000);
      await turns();
    },
  },
  many: { before: (world) => fillHistory(world, 10_000) },
  large: {
    before(world) {
      storyCookies(world);
      world.server.put(KEY, largeSession(1_000_000));
    },
  },
  countdowns: { before: (world) => manyCookies(world, 100) },
};
