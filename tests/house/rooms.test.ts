/** The plan of the house: no circles, types included; arrows between rooms lead down; and the counts of both. */
import { beforeAll, describe, expect, it } from "vitest";
import { countRooms, findCircles, type Graph, type RoomCounts } from "./graph.ts";
import { listCode, readSource } from "./source.ts";

/** What ships, and the scripts around it. */
const HOUSE = /^(server-bridge\/src|extension|components|entrypoints|scripts)\//;

/** The plan: so many rooms, floors and arrows at most. A room is a folder or file directly inside. */
const PLAN: Record<string, Pick<RoomCounts, "rooms" | "floors" | "arrows">> = {
  "": { rooms: 5, floors: 3, arrows: 3 },
  "server-bridge/src": { rooms: 9, floors: 4, arrows: 16 },
  "server-bridge/src/core": { rooms: 10, floors: 7, arrows: 33 },
  "server-bridge/src/bridge": { rooms: 13, floors: 7, arrows: 33 },
  "server-bridge/src/sources": { rooms: 14, floors: 5, arrows: 31 },
  extension: { rooms: 7, floors: 4, arrows: 11 },
};

const files = listCode().filter((path) => HOUSE.test(path));

/** `doors`: also imports by the name of a package, as those of the library's protocol by the extension. */
function toGraph(paths: readonly string[], doors: boolean): Graph {
  const imported = (path: string) =>
    readSource(path).imports.filter(({ from }) => doors || from.startsWith("."));
  return new Map(paths.map((path) => [path, new Set(imported(path).flatMap(({ file }) => file ?? []))]));
}

describe("circles of imports, types included", () => {
  it("are none in what ships", () => {
    expect(findCircles(toGraph(files, true))).toEqual([]);
  });

  it("are none in scripts, examples and tests", () => {
    expect(findCircles(toGraph(listCode(), true))).toEqual([]);
  });

  it("are found where there are some", () => {
    const planted = new Map([
      ["a/x.ts", new Set(["b/y.ts"])],
      ["b/y.ts", new Set(["c.ts", "b/z.ts"])],
      ["b/z.ts", new Set<string>()],
      ["c.ts", new Set(["a/x.ts"])],
    ]);
    expect(findCircles(planted)).toEqual([["a/x.ts", "b/y.ts", "c.ts"]]);
    expect(countRooms(planted, "")).toMatchObject({ rooms: 3, arrows: 3, upward: 3, circles: 1 });
  });

  it("are found wherever they are, also where no way leads from the first file", () => {
    const planted = new Map([
      ["a.ts", new Set<string>()],
      ["b.ts", new Set(["a.ts", "c.ts"])],
      ["c.ts", new Set(["b.ts"])],
      ["d.ts", new Set(["e.ts"])],
      ["e.ts", new Set(["d.ts"])],
    ]);
    expect(findCircles(planted)).toEqual([
      ["b.ts", "c.ts"],
      ["d.ts", "e.ts"],
    ]);
  });
});

describe("rooms", () => {
  const graph = toGraph(files, false);
  const counted = Object.entries(PLAN).map(([house, plan]) => ({
    house,
    plan,
    counts: countRooms(graph, house),
  }));

  beforeAll(() => {
    console.table(counted.map(({ house, counts }) => ({ house: house || "(the repository)", ...counts })));
  });

  it.each(counted)("of $house are no more than planned, and arrows lead down", ({ plan, counts }) => {
    expect(counts).toMatchObject({ upward: 0, circles: 0 });
    expect(counts.rooms).toBeLessThanOrEqual(plan.rooms);
    expect(counts.floors).toBeLessThanOrEqual(plan.floors);
    expect(counts.arrows).toBeLessThanOrEqual(plan.arrows);
  });

  it("count a house by its ways down", () => {
    const planted = new Map([
      ["house/door.ts", new Set(["house/hall/a.ts", "house/leaf.ts"])],
      ["house/hall/a.ts", new Set(["house/hall/b.ts"])],
      ["house/hall/b.ts", new Set(["house/leaf.ts", "elsewhere.ts"])],
      ["house/leaf.ts", new Set<string>()],
      ["elsewhere.ts", new Set<string>()],
    ]);
    expect(countRooms(planted, "house")).toEqual({ rooms: 3, floors: 3, arrows: 3, upward: 0, circles: 0 });
  });
});
