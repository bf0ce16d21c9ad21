/** The lines to copy for a host: only for names that a shell and a program's code take literally. */
import { describe, expect, it } from "vitest";
import { describeState } from "../../server-bridge/src/protocol/bridge-states.ts";

describe("the state hosts", () => {
  it.each(["app.test", "my-app.local", "192.168.1.20", "xn--bcher-kva.example", "APP.test"])(
    "has two lines to copy for %s",
    (host) => {
      expect(describeState("hosts", { host }).lines).toEqual([
        `openBridge(sessions, { hosts: ["${host}"] })`,
        `SESSION_BRIDGE_HOSTS=${host}`,
      ]);
    },
  );

  it.each([
    "$(id).evil.com", // as URL accepts it
    "`id`.evil.com",
    "a;id.evil.com",
    "a&b.evil.com",
    "a'b.evil.com",
    "a!b.evil.com",
    "a{b,c}.evil.com",
    "a~b.evil.com",
    "a_b.evil.com",
    "a,b.evil.com",
    "[fd00::1]",
    "app.test\nid",
    "app.test\n",
    ".",
    "..",
    "",
    "localhost.",
    "0.0.0.0",
  ])("has none for %j, and a step without the name", (host) => {
    const { step, lines } = describeState("hosts", { host });
    expect(lines).toEqual([]);
    expect(step).toBe("Open the app as localhost.");
  });

  it("is tested with hosts that URL accepts", () => {
    for (const host of ["$(id).evil.com", "`id`.evil.com", "a;id.evil.com", "a{b,c}.evil.com"])
      expect(new URL(`http://${host}/`).hostname).toBe(host);
  });
});
