/** The core and the protocol know the same login keys; only the core knows what else Django changes at a login. */
import { namesSomebody as inProtocol } from "session-bridge/protocol";
import { describe, expect, it } from "vitest";
import { namesSomebody as inCore } from "../../../server-bridge/src/core/data/login-keys.ts";
import { readText } from "../../house/files.ts";

const LIST = /const LOGIN_KEYS =\s*(\/.+\/i);/;

describe("login keys", () => {
  it("are the same list in the core and in the protocol", () => {
    const [core, protocol] = ["core/data", "protocol"].map(
      (room) => LIST.exec(readText(`server-bridge/src/${room}/login-keys.ts`))?.[1],
    );
    expect(core).toBeDefined();
    expect(core).toBe(protocol);
  });

  it.each(["user", "userId", "passport", "username", "is_logged_in", "_auth_user_id", "cart", "users"])(
    "mean the same for %s with any value",
    (key) => {
      for (const value of [undefined, "null", "false", "0", '""', "{}", "[]", "1", '{"user":1}', '{"id":1}'])
        expect(inCore(key, value)).toBe(inProtocol(key, value));
    },
  );
});
