/** A login in the admin of a Django site, as the site's package reports it: the story of the picture in `docs/django.md`. */
import type { Json } from "session-bridge/protocol";
import { turns } from "../memory-ports/turns.ts";
import { fillCookie, type MemoryWorld } from "../memory-ports/world.ts";
import type { HarnessState } from "./harness-state.ts";
import { rowNumber } from "./steps.ts";
import { KEY, play } from "./story.ts";

const FORTNIGHT_SECONDS = 1_209_600;
const COOKIE = `sessionid=${KEY}; Max-Age=${FORTNIGHT_SECONDS}; HttpOnly; Path=/; SameSite=Lax`;

const GUEST: Record<string, Json> = { cart: ["boots"] };
const ADMIN: Record<string, Json> = {
  ...GUEST,
  _auth_user_id: "1",
  _auth_user_backend: "django.contrib.auth.backends.ModelBackend",
  _auth_user_hash: "\u2039redacted 3f8a6c1e\u203a",
};

/** The state after the login. */
export const DJANGO_LOGIN: HarnessState = {
  before: openDjango,
  async after(world, models) {
    playDjango(world);
    await turns();
    models.view.select(rowNumber(models, 3));
  },
};

/** The bridge next to the site. */
function openDjango(world: MemoryWorld): void {
  world.server.hello = {
    ...world.server.hello,
    library: { name: "Django", version: "5.2" },
    engine: "db",
    serves: ["http://localhost:8000"],
  };
  world.setCookies([
    fillCookie({ value: KEY, expiresAt: world.now() + FORTNIGHT_SECONDS * 1000, sameSite: "lax" }),
  ]);
}

/** A visitor fills a cart, logs in, and a view forgets to mark a change. */
function playDjango(world: MemoryWorld): void {
  const load = { name: "load", durationMs: 1.4 } as const;
  play(world, {
    path: "/cart/add/boots/",
    ms: 9.6,
    after: GUEST,
    trace: {
      changes: [{ key: "cart", kind: "added", writer: "shop/views.py:14" }],
      newKey: true,
      operations: [{ name: "create", durationMs: 5.1 }],
    },
    set: [COOKIE],
  });
  play(world, { path: "/admin/login/", ms: 31.2, before: GUEST, trace: { operations: [load] } });
  play(world, {
    method: "POST",
    path: "/admin/login/",
    status: 302,
    ms: 412,
    before: GUEST,
    after: ADMIN,
    trace: {
      changes: Object.keys(ADMIN)
        .filter((key) => !(key in GUEST))
        .map((key) => ({ key, kind: "added" })),
      newKey: true,
      operations: [
        load,
        { name: "cycle", durationMs: 6.2, reason: "login" },
        { name: "save", durationMs: 2.7 },
      ],
    },
    set: [COOKIE],
  });
  play(world, { path: "/admin/", ms: 47.9, before: ADMIN, trace: { operations: [load] } });
  play(world, {
    path: "/cart/add/laces/",
    ms: 3.8,
    before: ADMIN,
    trace: {
      operations: [load],
      findings: [{ code: "unmarked-change", keys: ["cart"], lines: ["shop/views.py:21"] }],
    },
  });
  world.server.put(KEY, ADMIN, world.now() + FORTNIGHT_SECONDS * 1000);
}
