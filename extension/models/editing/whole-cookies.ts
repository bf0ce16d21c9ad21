/** A browser that writes and deletes a cookie that was joined from chunks: all of its chunks, or none. */
import { chunksOf, splitWhole, toWhole } from "../../logic/chunked-cookies.ts";
import { showUnseen } from "../../logic/show-unseen.ts";
import type { CookieWriteResult, TabCookie } from "../../messages/tab-cookie.ts";
import type { CookiesPort } from "../../ports/ports.ts";

/** One chunk as it is to be, and what is there in its place; null: nothing. */
interface Step {
  next: TabCookie | null;
  old: TabCookie | null;
}

/** The same port for joined cookies, too. */
export function withWholeCookies(port: CookiesPort): CookiesPort {
  const whole: Pick<CookiesPort, "write" | "remove"> = {
    write: (cookie, replaces) =>
      cookie.chunks === undefined && replaces?.chunks === undefined
        ? port.write(cookie, replaces)
        : writeAll(port, cookie, replaces),
    async remove(cookie) {
      const done: Step[] = [];
      for (const old of chunksOf(cookie)) {
        if (await port.remove(old)) done.push({ next: null, old });
        else {
          await takeBack(port, done);
          return false;
        }
      }
      return true;
    },
  };
  const rest: CookiesPort = Object.create(port); // everything else is the port's, now and later
  return Object.assign(rest, whole);
}

/** Writes the chunks in order, then deletes those that are left over. After a refusal it puts back what it changed. */
async function writeAll(
  port: CookiesPort,
  cookie: TabCookie,
  replaces: TabCookie | null,
): Promise<CookieWriteResult> {
  const [next, old] = [splitWhole(cookie), replaces === null ? [] : chunksOf(replaces)];
  const steps: Step[] = [
    ...next.map((each, at) => ({ next: each, old: old[at] ?? null })),
    ...old.slice(next.length).map((each) => ({ next: null, old: each })),
  ];
  const done: Step[] = [];
  const written: TabCookie[] = [];
  for (const step of steps) {
    const result = await take(port, step);
    if (!result.ok) return { ...result, restored: (await takeBack(port, done)) && result.restored };
    if (result.cookie !== null) written.push(result.cookie);
    done.push({ next: result.cookie, old: step.old });
  }
  const whole = cookie.chunks === undefined ? written[0] : toWhole(cookie.name, written);
  return { ok: true, cookie: whole ?? cookie };
}

async function take(
  port: CookiesPort,
  { next, old }: Step,
): Promise<{ ok: true; cookie: TabCookie | null } | Extract<CookieWriteResult, { ok: false }>> {
  if (next !== null) return port.write(next, old);
  if (old === null || (await port.remove(old))) return { ok: true, cookie: null };
  return { ok: false, reason: `${showUnseen(old.name)} is still there.`, restored: true };
}

async function takeBack(port: CookiesPort, done: readonly Step[]): Promise<boolean> {
  let isBack = true;
  for (const { next, old } of done.toReversed()) {
    const went = old === null ? next === null || (await port.remove(next)) : (await port.write(old, next)).ok;
    if (!went) isBack = false;
  }
  return isBack;
}
