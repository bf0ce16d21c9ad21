/** Of which page, and with which words, the notices speak about a bridge that the panel does not reach. */
import { describe, expect, it } from "vitest";
import {
  CONNECT_NOTICES,
  SEPARATE_NOTICES,
  type WayFacts,
} from "../../../extension/logic/notices/connect-notices.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";

const PAGE = "http://localhost:5173";
const AT = { url: "http://localhost:3000", why: "unreachable" } as const;
const MARK = { at: { port: 3000, isTls: false }, state: null };

/** A page that was called in vain, with these facts instead. */
function factsOf(more: Partial<WayFacts> = {}): WayFacts {
  const pageOrigin = more.pageOrigin ?? PAGE;
  return {
    pageOrigin,
    link: { origin: pageOrigin, standing: { state: "absent" } },
    mark: null,
    isAnswered: true,
    isRecording: true,
    isDevServer: false,
    newToken: "made-by-the-panel",
    ...more,
  };
}

const ALL = [...SEPARATE_NOTICES, ...CONNECT_NOTICES];
const noticeOf = (more: Partial<WayFacts>) => firstNotice(ALL, factsOf(more));
const speakers = (facts: WayFacts): string[] =>
  ALL.filter(({ tell }) => tell(facts) !== null).map(({ name }) => name);

describe("a bridge that is absent", () => {
  const standing = { state: "absent", at: AT };
  const states = [null, "token", "hosts", "remote", "closed", "peer"] as const;

  it.each(states)(
    "at another origin than the page's is no notice of the page, whose mark says %s",
    (state) => {
      const facts = { mark: { ...MARK, state }, isAnswered: false, isDevServer: true };
      const other = { origin: "http://localhost:4000", standing };
      expect(speakers(factsOf({ ...facts, link: other }))).toEqual([]);
      expect(speakers(factsOf({ ...facts, link: { origin: PAGE, standing } }))).not.toEqual([]);
    },
  );

  it("of a page that comes from no server is no notice", () => {
    const link = { origin: PAGE, standing };
    expect(speakers({ ...factsOf({ mark: MARK, link }), pageOrigin: null })).toEqual([]);
  });
});

describe("a page that was not seen to load", () => {
  it("is to be reloaded while requests are recorded", () => {
    const notice = noticeOf({ isAnswered: false });
    expect(notice).toMatchObject({ button: "Reload page", action: "reload-page" });
  });

  it("is not to be reloaded before requests are recorded again", () => {
    const notice = noticeOf({ isAnswered: false, isRecording: false });
    expect(notice).toMatchObject({ button: "Record", action: "record" });
    expect(notice?.sentence).toContain("recording is paused");
  });
});

describe("a bridge that runs next to the site", () => {
  const vain = (why: "unreachable" | "unproven") => {
    const at = { url: "http://localhost:47801", why };
    return noticeOf({
      link: { origin: PAGE, standing: { state: "absent", at } },
      mark: { at: { port: 47_801, isTls: false }, state: null },
    });
  };

  it("is to be started again if nothing answers, and the site is not called a proxy", () => {
    expect(vain("unreachable")?.sentence).toContain("start it again: python manage.py session_bridge");
    expect(vain("unreachable")?.sentence).not.toContain("passes requests on");
  });

  it("is found by a reload if it was started again", () => {
    expect(vain("unproven")).toMatchObject({ action: "reload-page" });
  });

  it("answers by itself only for pages of its machine", () => {
    const notice = noticeOf({
      pageOrigin: "http://shop.test:8000",
      mark: { at: { port: 47_801, isTls: false }, state: null },
    });
    expect(notice?.sentence).toContain("Open localhost:8000 there");
    expect(notice?.sentence).not.toContain("passes requests on");
  });
});

describe("a page under another name than localhost", () => {
  it.each([
    ["its own port", "http://app.test:5173", false, " Open localhost:5173 to see"],
    ["its own port, not the app's scheme", "http://app.test:5173", true, " Open localhost:5173 to see"],
    ["the app's port if it has none", "http://app.test", false, " Open http://localhost:3000 to see"],
    ["the app's port over https", "https://app.test", true, " Open https://localhost:3000 to see"],
  ])("is to be opened on localhost, at %s", (_, pageOrigin, isTls, step) => {
    const notice = noticeOf({ pageOrigin, mark: { at: { port: 3000, isTls }, state: null } });
    expect(notice?.title).toBe("Open the app on localhost");
    expect(notice?.sentence).toContain(step);
  });

  it("that the bridge does not know gets two lines, and each is copied as something else", () => {
    const notice = noticeOf({ pageOrigin: "http://app.test:5173", mark: { at: null, state: "hosts" } });
    const lines = notice?.lines?.map(({ text, what }) => [text, what]);
    expect(lines).toEqual([
      ['openBridge(sessions, { hosts: ["app.test"] })', "the line for the code"],
      ["SESSION_BRIDGE_HOSTS=app.test", "the line for the environment"],
    ]);
  });
});
