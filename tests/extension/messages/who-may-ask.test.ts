/** Who can send messages to the background, and what happens to messages of any other shape (T18). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerQuestion, isOurs } from "../../../extension/background/answer-questions.ts";
import { createCookieJar } from "../../../extension/background/cookie-jar.ts";
import { parseNotice, parseQuestion } from "../../../extension/messages/background-messages.ts";
import { MessageError } from "../../../extension/messages/message-parser.ts";
import { parsePanelMessage, parseRecorderMessage } from "../../../extension/messages/recorder-messages.ts";
import { createAsk } from "../../../extension/ports/ask-background.ts";
import { createFakeJar, NOW } from "../fake-jar.ts";

const ID = "abcdefghijklmnop";
const ROOT = `chrome-extension://${ID}/`;

function open(url: string | undefined = "http://app.test/a") {
  const fake = createFakeJar();
  const opened: string[] = [];
  const nothing = { addListener: () => {} };
  const parts = {
    jar: createCookieJar(fake, () => NOW),
    permissions: {
      contains: async ({ origins }: { origins: string[] }) =>
        origins.every((origin) => origin.includes("app.test")),
      onAdded: nothing,
      onRemoved: nothing,
    },
    tabs: { get: async () => ({ url }) },
    watch: () => {},
    openOptions: async (origin: string) => opened.push(origin),
  };
  return { fake, opened, ask: (message: unknown) => answerQuestion(parts, message) };
}

describe("a message to the background", () => {
  it.each(["panel.html", "devtools.html", "options.html", "panel.html?x#y"])(
    "from our own %s is accepted",
    (page) => {
      expect(isOurs({ id: ID, url: ROOT + page }, ID, ROOT)).toBe(true);
    },
  );

  it.each([
    ["a page of a site", { id: ID, url: "http://localhost:3000/panel.html" }],
    ["another extension", { id: "ponmlkjihgfedcba", url: "chrome-extension://ponmlkjihgfedcba/panel.html" }],
    ["another extension that claims our address", { id: "ponmlkjihgfedcba", url: `${ROOT}panel.html` }],
    ["another page of ours", { id: ID, url: `${ROOT}blank.html` }],
    ["a site that has our address in its own", { id: ID, url: `https://evil.test/${ROOT}panel.html` }],
    ["a host that begins like our id", { id: ID, url: `chrome-extension://${ID}.evil/panel.html` }],
    ["no one", {}],
    ["no address", { id: ID }],
  ])("from %s is not", (_, sender) => {
    expect(isOurs(sender, ID, ROOT)).toBe(false);
  });

  it("of any shape changes no cookie and throws nothing", async () => {
    const { fake, opened, ask } = open();
    fake.put({ name: "sessionid" });
    const before = fake.all();
    const anything = fc.oneof(
      fc.anything(),
      fc.record({
        ask: fc.constantFrom("write-cookie", "remove-cookie", "close", "restore-cookies"),
        tabId: fc.anything(),
        cookie: fc.anything(),
        cookies: fc.anything(),
        urls: fc.anything(),
      }),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (message) => {
        const reply = await ask(message);
        if (!reply.ok) expect(reply.error).toMatch(/\S/);
        expect(fake.all()).toEqual(before);
      }),
    );
    expect(opened).toEqual([]);
  });

  it("for cookies of addresses that are not sites lists none", async () => {
    const { fake, ask } = open("chrome://settings/");
    fake.put({ name: "sessionid" });
    const urls = [
      "chrome://settings/",
      "file:///etc/passwd",
      "about:blank",
      "javascript:1",
      "not an address",
    ];
    expect(await ask({ ask: "list-cookies", tabId: 1, urls })).toEqual({
      ok: true,
      answer: { cookies: [], hosts: [], denied: [] },
    });
  });

  it("for cookies returns the hosts in order, and the origins that may not be read", async () => {
    const { fake, ask } = open();
    fake.put({ name: "sessionid" });
    const urls = ["https://cdn.test/frame", "http://app.test/b"];
    expect(await ask({ ask: "list-cookies", tabId: 1, urls })).toMatchObject({
      ok: true,
      answer: {
        cookies: [{ name: "sessionid" }],
        hosts: ["app.test", "cdn.test"],
        denied: ["https://cdn.test"],
      },
    });
  });

  it("for cookies lists none if the browser does not report the page, whatever the page claims (T36)", async () => {
    const { fake, ask } = open("");
    fake.put({ name: "sessionid" });
    for (const question of ["list-cookies", "preview-close"]) {
      const reply = await ask({ ask: question, tabId: 1, urls: ["http://app.test/", "https://cdn.test/"] });
      expect(JSON.stringify(reply)).not.toContain("sessionid");
    }
    expect(await ask({ ask: "page-address", tabId: 1 })).toEqual({ ok: true, answer: null });
    expect(await ask({ ask: "list-cookies", tabId: 1, urls: ["https://cdn.test/"] })).toMatchObject({
      answer: { cookies: [], hosts: [], denied: ["https://cdn.test"] },
    });
  });

  it("for cookies puts the page that the browser reports before every frame that the page claims (T36)", async () => {
    const { ask } = open("http://app.test/own");
    const answer = await ask({ ask: "list-cookies", tabId: 1, urls: ["http://victim.app.test/"] });
    expect(answer).toMatchObject({ answer: { hosts: ["app.test", "victim.app.test"] } });
  });
});

describe("every parser", () => {
  it.each([
    ["question", parseQuestion],
    ["notice", parseNotice],
    ["panel's message", parsePanelMessage],
    ["recorder's message", parseRecorderMessage],
  ])("of a %s returns a value or throws a MessageError, for any input", (_, parse) => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        try {
          parse(value);
        } catch (error) {
          expect(error).toBeInstanceOf(MessageError);
        }
      }),
    );
  });

  it("accepts only a list of bounded length", () => {
    const urls = Array.from({ length: 20_001 }, () => "http://app.test/");
    expect(() => parseQuestion({ ask: "list-cookies", tabId: 1, urls })).toThrow(MessageError);
  });
});

describe("a panel's question", () => {
  it("is sent again if the background was stopped before it answered", async () => {
    const replies = [
      () => Promise.reject(new Error("message channel closed")),
      async () => ({ ok: true, answer: 7 }),
    ];
    expect(
      await createAsk(async () => replies.shift()?.())({ ask: "has-access", origin: "http://a.test" }),
    ).toBe(7);
  });

  it("that cannot be carried out throws the background's sentence", async () => {
    const ask = createAsk(async () => ({ ok: false, error: "It cannot be." }));
    await expect(ask({ ask: "has-access", origin: "http://a.test" })).rejects.toThrow("It cannot be.");
  });

  it("that no one answers throws", async () => {
    const ask = createAsk(async () => undefined);
    await expect(ask({ ask: "has-access", origin: "http://a.test" })).rejects.toThrow("no answer");
  });
});
