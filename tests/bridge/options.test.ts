/** What `openBridge` says about misspelled options or options of another type (T39): the bridge is never looser than was meant. */
import { openBridge } from "session-bridge/bridge";
import { describe, expect, it } from "vitest";
import { openWith, sessions, TOKEN } from "./open-with.ts";

describe("an option of another type (T39)", () => {
  const wrong: [name: string, values: unknown[], takes: string][] = [
    ["enabled", [0, 1, null, "true", "false", "", {}], "true or false"],
    ["hosts", ["app.test", null, { 0: "app.test" }, [1], [null], true], "a list of names"],
    ["extensionId", [null, 1, true, "", [1]], "an extension's id"],
    ["token", [null, 1, true, "", [TOKEN], { toString: () => TOKEN }], "npx session-bridge token prints one"],
    ["allowRemote", [0, 1, null, "true", "false", ""], "true or false"],
    ["allowEdit", [0, 1, null, "false", "no"], "true or false"],
    ["dangerouslyAllowInProduction", [true, null, 1, []], "a sentence that says why"],
    ["log", [null, "console.log", console, true], "a function"],
    ["traceLog", [null, "redis://127.0.0.1", {}, { append() {} }, () => {}], "redisLog"],
    ["env", [null, "development", 1], "process.env"],
    ["clock", [null, 0, "now"], "Date.now"],
    ["heartbeatMs", [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "15000", null], "milliseconds"],
  ];
  for (const [name, values, takes] of wrong) {
    it.each(values)(`is an error that says what ${name} takes: %j`, (value) => {
      const open = () => Reflect.apply(openWith, null, [{ NODE_ENV: "development" }, { [name]: value }]);
      expect(open).toThrow(takes);
      expect(open).toThrow(
        new RegExp(`^\\[session-bridge\\] ${name} takes .*, but was given .*leave it out`),
      );
    });
  }

  it.each([
    ["heartbeatMs", Number.NaN],
    ["heartbeatMs", 0],
    ["token", 1],
  ])("%s with the number %d is not said to be out of a range", (name, value) => {
    const open = () => Reflect.apply(openWith, null, [{ NODE_ENV: "development" }, { [name]: value }]);
    expect(open).toThrow("but was given a number that is not allowed.");
  });

  it("never shows the value", () => {
    for (const name of ["token", "hosts", "enabled", "log"]) {
      const options = { [name]: { secret: "hunter2" } };
      expect(() => Reflect.apply(openWith, null, [{}, options])).toThrow(/^(?!.*hunter2).*an object/);
    }
    expect(() => Reflect.apply(openWith, null, [{}, { enabled: "hunter2" }])).toThrow(
      /^(?!.*hunter2).*a string/,
    );
  });

  it("is not reported for undefined: the option is absent", () => {
    const options = Object.fromEntries(
      wrong.map(([name]) => [name, undefined]).filter(([name]) => name !== "env" && name !== "log"),
    );
    expect(openWith({ NODE_ENV: "development" }, options)).toHaveLength(1);
    expect(() => openWith({}, options)).toThrow("NODE_ENV is not set");
  });

  it("is not reported if it comes from Object.prototype", () => {
    Object.defineProperty(Object.prototype, "allowRemote", { value: true, configurable: true });
    try {
      expect(openWith({ NODE_ENV: "development", SESSION_BRIDGE_TOKEN: TOKEN })[0]).toContain(
        "for this machine only",
      );
    } finally {
      Reflect.deleteProperty(Object.prototype, "allowRemote");
    }
  });

  it.each([null, "enabled", [], true])("is refused with the expected form of options: %j", (options) => {
    expect(() => Reflect.apply(openBridge, null, [sessions, options])).toThrow(
      "openBridge takes an object of options, such as",
    );
  });
});

describe("an unknown option (T39)", () => {
  for (const [given, right] of [
    ["allowedit", "allowEdit"],
    ["allowEdits", "allowEdit"],
    ["allow_remote", "allowRemote"],
    ["host", "hosts"],
    ["allowedHosts", "hosts"],
    ["Enabled", "enabled"],
    ["enable", "enabled"],
    ["extensionIds", "extensionId"],
    ["extensionID", "extensionId"],
    ["tokens", "token"],
    ["heartbeatMS", "heartbeatMs"],
    ["logger", "log"],
  ] as const) {
    it(`is an error that names the right one: ${given}`, () => {
      const open = () => Reflect.apply(openWith, null, [{ NODE_ENV: "development" }, { [given]: true }]);
      expect(open).toThrow(`openBridge has no option "${given}". Write ${right}.`);
    });
  }

  it("is an error that lists all options if none is similar, for a name of any length", () => {
    for (const given of ["port", "__proto__x", "constructor", "x".repeat(10_000)]) {
      const open = () => Reflect.apply(openWith, null, [{ NODE_ENV: "development" }, { [given]: true }]);
      expect(open).toThrow(/has no option ".{1,40}"\. The options are enabled, hosts, .*heartbeatMs\.$/);
    }
  });
});

describe("allowEdit", () => {
  it("false allows no one to edit, even on this machine", () => {
    const lines = openWith({ NODE_ENV: "development" }, { allowEdit: false });
    expect(lines[0]).toContain("for this machine only, who may only view");
  });
});
