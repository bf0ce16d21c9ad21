/** What `SESSION_BRIDGE_HOSTS` and `SESSION_BRIDGE_REMOTE` in the environment do, compared with the options in code. */
import { describe, expect, it } from "vitest";
import type { BridgeOptions } from "../../server-bridge/src/bridge/index.ts";
import { readOptions } from "../../server-bridge/src/bridge/options.ts";

const TOKEN = "Zk3v9x0q2LmN8pRtY5wBcD";

function read(variables: Record<string, string>, options: BridgeOptions = {}) {
  const settings = readOptions({ ...options, env: { NODE_ENV: "development", ...variables } });
  if (settings === null) throw new Error("the bridge is closed");
  const { hosts, allowRemote, allowEdit } = settings;
  return { hosts: [...hosts], allowRemote, allowEdit };
}

function messageOf(open: () => unknown): string {
  try {
    open();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return "no error";
}

describe("SESSION_BRIDGE_HOSTS", () => {
  it("is the option hosts, with commas", () => {
    expect(read({ SESSION_BRIDGE_HOSTS: "app.test, shop.test," }).hosts).toEqual(["app.test", "shop.test"]);
    expect(read({ SESSION_BRIDGE_HOSTS: "" }).hosts).toEqual([]);
  });

  it("gives way to the option", () => {
    expect(read({ SESSION_BRIDGE_HOSTS: "app.test" }, { hosts: [] }).hosts).toEqual([]);
  });

  it("is checked as the option is", () => {
    for (const name of ["*.test", ".", "..", "app.test,."])
      expect(() => read({ SESSION_BRIDGE_HOSTS: name })).toThrow("is not a plain host name");
  });
});

describe("SESSION_BRIDGE_REMOTE", () => {
  it.each([
    ["edit", { allowRemote: true, allowEdit: true }],
    ["view", { allowRemote: true, allowEdit: false }],
    ["", { allowRemote: false, allowEdit: true }],
  ])("%s", (value, expected) => {
    expect(read({ SESSION_BRIDGE_REMOTE: value, SESSION_BRIDGE_TOKEN: TOKEN })).toMatchObject(expected);
  });

  it("gives way to the options", () => {
    const variables = { SESSION_BRIDGE_REMOTE: "edit", SESSION_BRIDGE_TOKEN: TOKEN };
    expect(read(variables, { allowRemote: false })).toMatchObject({ allowRemote: false, allowEdit: true });
    expect(read(variables, { allowEdit: false })).toMatchObject({ allowRemote: true, allowEdit: false });
    const viewing = { SESSION_BRIDGE_REMOTE: "view", SESSION_BRIDGE_TOKEN: TOKEN };
    expect(read(viewing, { allowEdit: true })).toMatchObject({ allowRemote: true, allowEdit: false });
    const remote = { allowRemote: true };
    expect(read({ SESSION_BRIDGE_TOKEN: TOKEN }, remote)).toMatchObject({ ...remote, allowEdit: false });
  });

  it.each(["true", "1", "EDIT", "edit ", TOKEN])("is an error, which does not show it: %s", (value) => {
    const message = messageOf(() => read({ SESSION_BRIDGE_REMOTE: value, SESSION_BRIDGE_TOKEN: TOKEN }));
    expect(message).toBe(
      "[session-bridge] SESSION_BRIDGE_REMOTE takes view or edit, but has another value. Correct it, or leave it out.",
    );
  });

  it("needs a token, and an environment that is named, as the option does", () => {
    expect(() => read({ SESSION_BRIDGE_REMOTE: "edit" })).toThrow("SESSION_BRIDGE_REMOTE needs a token");
    const unnamed = { SESSION_BRIDGE_REMOTE: "edit", SESSION_BRIDGE_TOKEN: TOKEN };
    expect(() => readOptions({ enabled: true, env: unnamed })).toThrow(
      "SESSION_BRIDGE_REMOTE needs to know where it runs",
    );
  });
});
