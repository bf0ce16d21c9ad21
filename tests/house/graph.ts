/** Files and rooms as a graph: who imports whom, which imports are circular, and on which floor each is. */

/** From each point to those that it imports. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** The counts of a house. A room is a folder or file directly inside it. */
export interface RoomCounts {
  rooms: number;
  /** Length of the longest path down, in rooms. */
  floors: number;
  arrows: number;
  /** Arrows to a room from which a path leads back. */
  upward: number;
  /** Groups of files inside the house that import each other in a circle. */
  circles: number;
}

/** Groups of two or more points that all reach each other. Tarjan's algorithm. */
export function findCircles(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];
  const walk = (point: string): number => {
    const at = order.size;
    let low = at;
    order.set(point, at);
    stack.push(point);
    for (const next of graph.get(point) ?? []) {
      if (next === point || !graph.has(next)) continue;
      if (!order.has(next)) low = Math.min(low, walk(next));
      else if (stack.includes(next)) low = Math.min(low, lowest.get(next) ?? at, order.get(next) ?? at);
    }
    lowest.set(point, low);
    if (low === at) {
      const group = stack.splice(stack.indexOf(point));
      if (group.length > 1) circles.push(group.sort());
    }
    return low;
  };
  for (const point of graph.keys()) if (!order.has(point)) walk(point);
  return circles;
}

/** The rooms of a house, `server-bridge/src` or "" for the whole repository, and which imports which. */
export function toRooms(files: Graph, house: string): Graph {
  const rooms = new Map<string, Set<string>>();
  for (const [file, imported] of files) {
    const room = roomOf(file, house);
    if (room === null) continue;
    const arrows = rooms.get(room) ?? new Set();
    rooms.set(room, arrows);
    for (const other of imported) {
      const target = files.has(other) ? roomOf(other, house) : null;
      if (target !== null && target !== room) arrows.add(target);
    }
  }
  return rooms;
}

/** Counts a house by its files' imports. */
export function countRooms(files: Graph, house: string): RoomCounts {
  const rooms = toRooms(files, house);
  const inside = new Map([...files].filter(([file]) => roomOf(file, house) !== null));
  const circles = findCircles(rooms);
  const isUpward = (from: string, to: string) =>
    circles.some((one) => one.includes(from) && one.includes(to));
  const arrows = [...rooms].flatMap(([from, targets]) => [...targets].map((to) => ({ from, to })));
  return {
    rooms: rooms.size,
    floors: circles.length > 0 ? Number.NaN : countFloors(rooms),
    arrows: arrows.length,
    upward: arrows.filter(({ from, to }) => isUpward(from, to)).length,
    circles: findCircles(inside).length,
  };
}

/** The file or folder of the house that contains a file, or null. */
function roomOf(file: string, house: string): string | null {
  const inside = house === "" ? file : file.startsWith(`${house}/`) ? file.slice(house.length + 1) : null;
  return inside === null ? null : (inside.split("/")[0] ?? null);
}

function countFloors(rooms: Graph): number {
  const floors = new Map<string, number>();
  const floorOf = (room: string): number => {
    const known = floors.get(room);
    if (known !== undefined) return known;
    const below = [...(rooms.get(room) ?? [])].map(floorOf);
    const floor = 1 + Math.max(0, ...below);
    floors.set(room, floor);
    return floor;
  };
  return Math.max(0, ...[...rooms.keys()].map(floorOf));
}
