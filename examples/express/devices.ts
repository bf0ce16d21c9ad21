/** "Your devices": the user sees where they are logged in, and ends what they do not know. No key of a session leaves the server. */
import { Router } from "express";
import type { Session, Sessions, UserSession } from "session-bridge";
import { devicesPage } from "./page.ts";

/** The page and its two forms, for `app.use("/devices", …)` after the session middleware and `refuseForeignPosts`. */
export function devices(sessions: Sessions): Router {
  const router = Router();

  router.use(({ session }, response, next) => {
    const userId = userOf(session);
    if (userId === null) return response.redirect("/");
    response.locals["userId"] = userId;
    next();
  });

  router.get("/", async ({ session }, response) => {
    const list: UserSession[] = [];
    for await (const one of sessions.forUser(response.locals["userId"], { current: session })) list.push(one);
    list.sort(byUse);
    response.set("Cache-Control", "no-store").send(devicesPage(list));
  });

  // The user's id is the session's, never the form's. A session of someone else's, or one that has ended, is left alone.
  router.post("/end", async ({ baseUrl, body }, response) => {
    await sessions.end(response.locals["userId"], String(body?.keyId));
    response.redirect(baseUrl);
  });

  router.post("/end-others", async ({ baseUrl, session }, response) => {
    const { complete, why } = await sessions.endAll(response.locals["userId"], { except: session });
    if (!complete) console.warn(why); // not with users.exclusive, in a table that was empty at the first start
    response.redirect(baseUrl);
  });

  return router;
}

/** This device first, then the last used; `forUser` has no order. */
function byUse(one: UserSession, other: UserSession): number {
  return Number(other.current) - Number(one.current) || Number(other.lastSeenAt) - Number(one.lastSeenAt);
}

function userOf(session: Session): number | null {
  const userId = session["user_id"];
  return typeof userId === "number" ? userId : null;
}
