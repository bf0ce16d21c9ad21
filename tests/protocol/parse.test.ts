/** The protocol's parsers: valid messages of both sides are parsed completely, everything else is refused with the position. */
import fc from "fast-check";
import {
  ProtocolError,
  parseAnswer,
  parseRefusal,
  parseRequest,
  parseStreamEvent,
  readProtocol,
} from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { answers, events, requests, requestsToBreak } from "./samples.ts";

const sent = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe("requests", () => {
  for (const { call, body } of requests) {
    it(`${call} is parsed completely: ${JSON.stringify(body).slice(0, 60)}`, () => {
      expect(parseRequest(call, sent(body))).toEqual(body);
    });
  }

  for (const { call, body, place, why } of requestsToBreak) {
    it(`refuses ${call} when ${why}`, () => {
      expect(() => parseRequest(call, body)).toThrow(
        expect.objectContaining({ name: "ProtocolError", place }),
      );
    });
  }

  it("drops fields that it does not know", () => {
    expect(parseRequest("session", { protocol: 1, cookie: "k", env: "development", debug: true })).toEqual({
      protocol: 1,
      cookie: "k",
    });
  });

  it("reads own fields only, never those of a prototype", () => {
    const body: unknown = Object.create({ protocol: 1, cookie: "inherited" });
    expect(() => parseRequest("session", body)).toThrow(ProtocolError);
  });

  it("never names a value in its error", () => {
    const secret = "k3v9-secret-value".repeat(2_000);
    try {
      parseRequest("session", { protocol: 1, cookie: secret });
      expect.unreachable("a cookie longer than 16 KiB was taken");
    } catch (error) {
      expect(String(error)).not.toContain("k3v9-secret-value");
    }
  });

  it("returns a request or throws a ProtocolError for any JSON, and does not change Object.prototype", () => {
    fc.assert(
      fc.property(fc.constantFrom(...requests.map((one) => one.call)), fc.jsonValue(), (call, body) => {
        try {
          parseRequest(call, body);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  it("accepts only set and delete with JSON paths, whatever the operations look like", () => {
    const word = fc.constantFrom("set", "delete", "eval", "$where", "query", "__proto__", "");
    const step = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant({ toString: "x" }));
    const operation = fc.record(
      { op: word, path: fc.array(step), valueJson: fc.oneof(fc.string(), fc.integer()), code: fc.string() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        const body = { protocol: 1, cookie: "k", ifVersion: "v", operations };
        let parsed: ReturnType<typeof parseRequest<"edit">>;
        try {
          parsed = parseRequest("edit", body);
        } catch (error) {
          expect(error).toBeInstanceOf(ProtocolError);
          return;
        }
        for (const one of parsed.operations) {
          expect(Object.keys(one).toSorted()).toEqual(
            one.op === "set" ? ["op", "path", "valueJson"] : ["op", "path"],
          );
          expect(one.path.every((part) => typeof part === "string" || Number.isInteger(part))).toBe(true);
        }
      }),
    );
  });
});

describe("answers", () => {
  for (const { call, body } of answers) {
    it(`${call} is parsed completely`, () => {
      expect(parseAnswer(call, sent(body))).toEqual(body);
    });
  }

  it("ignores capabilities that a newer bridge may have", () => {
    const hello = { ...answers[0]?.body, capabilities: ["read", "teleport", "edit"] };
    expect(parseAnswer("hello", hello)).toMatchObject({ capabilities: ["read", "edit"] });
  });

  it("refuses more sessions of a user than the panel asks for, and drops what could be a key", () => {
    const body = answers.find(({ call, body }) => call === "devices" && "sessions" in body)?.body;
    const [one] = body !== undefined && "sessions" in body ? body.sessions : [];
    expect(() => parseAnswer("devices", { ...body, sessions: Array(201).fill(one) })).toThrow(
      expect.objectContaining({ place: "devices answer.sessions" }),
    );
    const told = parseAnswer("devices", { ...body, sessions: [{ ...one, key: "k3v9", userAgent: "x" }] });
    expect(told).toMatchObject({ sessions: [one] });
    expect(JSON.stringify(told)).not.toContain("k3v9");
  });

  it("refuses a response that is another site's page", () => {
    expect(() => parseAnswer("hello", "<!doctype html>")).toThrow("hello answer: expected an object.");
    expect(() => parseAnswer("hello", { ok: true })).toThrow(ProtocolError);
  });

  it("recognises a refusal, and nothing else as one", () => {
    const refusal = { code: "conflict", message: "changed meanwhile", protocol: 1 };
    expect(parseRefusal(refusal)).toEqual(refusal);
    expect(parseRefusal({ ...refusal, code: "teapot" })).toEqual({ ...refusal, code: "other" });
    expect(parseRefusal({ ...refusal, code: "<b>teapot</b>" })).toBeNull();
    expect(parseRefusal("Forbidden")).toBeNull();
  });
});

describe("stream events", () => {
  for (const event of events) {
    it(`${event.type} is parsed completely`, () => {
      expect(parseStreamEvent(sent(event))).toEqual(event);
    });
  }

  it("ignores a kind of event that a newer bridge may send", () => {
    expect(parseStreamEvent({ type: "weather", sunny: true })).toBeNull();
    expect(parseStreamEvent({ type: "constructor" })).toBeNull();
  });

  it("ignores findings that a newer bridge may have", () => {
    const event = events.find((one) => one.type === "trace");
    const newer = {
      type: "trace",
      trace: { ...event?.trace, findings: [{ code: "eclipse" }, { code: "late-change" }] },
    };
    expect(parseStreamEvent(newer)).toMatchObject({ trace: { findings: [{ code: "late-change" }] } });
  });

  it("reads a newer bridge's unknown reasons for an incomplete trace as the one that claims least", () => {
    const event = events.find((one) => one.type === "trace");
    const newer = { type: "trace", trace: { ...event?.trace, seen: "half", incomplete: "eclipse" } };
    expect(parseStreamEvent(newer)).toMatchObject({ trace: { seen: "store", incomplete: "other" } });
  });

  it("returns an event or null, or throws a ProtocolError, for any JSON", () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom("open", "trace", "gap", "beat", "bye", "x"),
        (json, type) => {
          const body = typeof json === "object" && json !== null ? { ...json, type } : json;
          try {
            parseStreamEvent(body);
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolError);
          }
        },
      ),
    );
  });
});

describe("the protocol version of a body", () => {
  it("is read even if nothing else can be", () => {
    expect(readProtocol({ protocol: 7, future: [] })).toBe(7);
  });

  it("is null when the body states none", () => {
    for (const body of [null, 1, "1", [], {}, { protocol: "1" }, { protocol: 1.5 }]) {
      expect(readProtocol(body)).toBeNull();
    }
  });
});
