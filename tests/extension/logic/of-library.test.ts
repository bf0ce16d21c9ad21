/** A bridge sees only its own library's sessions: what is said of a request that did nothing to them names that library. */
import type { Trace } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { explainRow } from "../../../extension/logic/explain/explain-row.ts";
import { gatherFacts, type Surroundings } from "../../../extension/logic/explain/gather.ts";
import { sayOfRow } from "../../../extension/logic/explain/no-reasons.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { CHANGES_NOTICES, CONTENTS_OF_ROW } from "../../../extension/logic/notices/row-notices.ts";
import { OTHER, PAGE, traced } from "../../truth/facts.ts";

const capabilities: ("read" | "traces")[] = ["read", "traces"];
const library = { name: "express-session", version: "1.18.2" };
const named = { capabilities, library };
const idle = (more: Partial<Trace> = {}) => traced({ touched: false, ...more });

/** The notice of both tabs. */
function noticesOf(
  entry: ReturnType<typeof idle>,
  hello: typeof named | { capabilities: typeof capabilities },
) {
  const row = { entry, hello };
  return [
    firstNotice(CONTENTS_OF_ROW, row)?.title,
    firstNotice(CHANGES_NOTICES, { row, anchor: null })?.sentence,
  ];
}

describe("the notices of a row", () => {
  it("name the library whose session the request did not look at", () => {
    expect(noticesOf(idle(), named)).toEqual([
      "This request did not look at the session of express-session",
      "This request did not look at the session of express-session.",
    ]);
  });

  it("name the library whose sessions were not loaded", () => {
    expect(noticesOf(idle({ seen: "store" }), named)).toEqual([
      "No session of express-session was loaded or stored",
      expect.stringMatching(/^This request loaded no session of express-session and stored none\. /),
    ]);
  });

  it("name none if the bridge has not said which it is", () => {
    expect(noticesOf(idle(), { capabilities })[0]).toBe("This request did not look at the session");
    expect(noticesOf(idle({ seen: "store" }), { capabilities })[0]).toBe("Nothing was loaded or stored");
  });

  it("show what cannot be seen in a name that a server chose", () => {
    const odd = { capabilities, library: { ...library, name: "a\u202eb" } };
    expect(noticesOf(idle(), odd)[0]).toBe("This request did not look at the session of a\\u{202e}b");
  });
});

describe("Why?", () => {
  const around = (entry: ReturnType<typeof idle>, libraries?: Surroundings["libraries"]): Surroundings => ({
    entries: [entry],
    list: null,
    pageUrl: `${PAGE}/`,
    session: null,
    skewMs: null,
    closed: false,
    removed: new Map(),
    now: 0,
    ...(libraries && { libraries }),
  });
  const say = (entry: ReturnType<typeof idle>, libraries?: Surroundings["libraries"]) =>
    explainRow(["sessionid"], entry, around(entry, libraries)).map(({ sentence }) => sentence);

  it("names the library of the row's own server", () => {
    const libraries = new Map([
      [PAGE, "express-session"],
      [OTHER, "Django"],
    ]);
    expect(say(idle(), libraries)).toEqual([
      "This request neither loaded a session of express-session nor stored one.",
    ]);
    const loaded = idle({ operations: [{ name: "load", durationMs: 1 }] });
    expect(say(loaded, libraries)).toEqual([
      "The session of express-session was loaded before the handler ran. The handler did not look at it, and nothing was stored.",
    ]);
  });

  it("names it, too, where no rule applies", () => {
    const entry = idle({ operations: [{ name: "load", durationMs: 1, reason: "unknown key" }] });
    const facts = gatherFacts("sessionid", entry, around(entry, new Map([[PAGE, "express-session"]])));
    expect(sayOfRow(entry, [facts], "traces").sentence).toBe(
      "This request did nothing to the session of express-session or its cookie.",
    );
  });

  it("names none if only another server's is known", () => {
    expect(say(idle(), new Map([[OTHER, "Django"]]))).toEqual([
      "This request neither loaded a session nor stored one.",
    ]);
  });
});
