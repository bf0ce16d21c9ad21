/** Times of a site's processes become times of this process. */
import { describe, expect, it } from "vitest";
import { createSiteClock } from "../../../server-bridge/src/sources/django/site-clock.ts";

const clocks = { system: () => 1_000_000, own: () => 5_000 };

describe("the site's clock", () => {
  it("is the system's, of which this process's differs by a constant", () => {
    const toOwn = createSiteClock(clocks);
    expect([999_990, 1_000_000, 940_001].map(toOwn)).toEqual([4_990, 5_000, -54_999]);
  });

  it("is another one if a request ended long ago or in the future by it: then it has just ended", () => {
    for (const ended of [200_000, 2_000_000]) {
      const toOwn = createSiteClock(clocks);
      expect([ended, ended - 10].map(toOwn)).toEqual([5_000, 4_990]);
    }
  });
});
