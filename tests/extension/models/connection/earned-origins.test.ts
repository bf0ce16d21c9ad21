/** Which origins the open page has earned after one page follows another. */
import { describe, expect, it } from "vitest";
import { createEarnedOrigins } from "../../../../extension/models/connection/earned-origins.ts";
import { fillRequest } from "../../../panel/memory-ports/world.ts";

describe("a request between a page's start and the end of the one before", () => {
  const [before, other] = ["http://localhost:4001", "http://localhost:4002"];
  const at = (moment: number, url: string) => fillRequest({ id: "r", at: moment, url });
  const follow = () => {
    const earned = createEarnedOrigins();
    earned.begin({ start: 100, left: before, leftAt: 150 });
    return earned;
  };

  it("earns nothing for the previous page's origin", () => {
    const earned = follow();
    expect(earned.note(before, at(120, `${before}/x`))).toBe(false);
    expect(earned.all()).toEqual([]);
    expect(earned.note(before, at(150, `${before}/x`))).toBe(true);
  });

  it("earns every other origin", () => {
    const earned = follow();
    expect(earned.note(other, at(120, `${other}/x`))).toBe(true);
    expect(earned.paths(other)).toEqual(["/x"]);
  });
});
