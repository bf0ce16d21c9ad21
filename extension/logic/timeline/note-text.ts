/** Notes of the timeline in words: what may be missing, and why. */
import { formatTime } from "../time-text.ts";
import { type Note, pathOf } from "./entry.ts";

/** A note's text in its row, and the longer one in its title. */
export function noteText(note: Note): { text: string; title: string } {
  switch (note.kind) {
    case "navigation":
      return { text: `Went to ${pathOf(note.url)}`, title: note.url };
    case "lost": {
      const when = `Not connected ${formatTime(note.from)} – ${formatTime(note.to)}`;
      return note.whole
        ? {
            text: `${when}; the server's log continued`,
            title:
              "It is the same log as before. What it still holds from that time has arrived; a gap marks what it dropped.",
          }
        : {
            text: `${when}; the server has a new log`,
            title:
              "It restarted, or another process answers. Changes between the last row and this one may be missing.",
          };
    }
    case "restarted":
      return {
        text: "Gap: the server has a new log",
        title:
          "It restarted, or another process answers. Changes between the last row and this one may be missing.",
      };
    case "evicted":
      return {
        text: `Gap: ${countTraces(note)} dropped on the server`,
        title:
          "The server's log keeps a limited number of traces, and has none that came faster than it could take them or while it did not run. Changes may be missing here.",
      };
    case "slow":
      return {
        text: `Gap: ${countTraces(note)} skipped`,
        title:
          "They came faster than the server's log or the panel could take them, or while the log did not run. Changes may be missing here.",
      };
    case "other-process":
      return {
        text: "Gap: another server process answered",
        title: "Processes with separate logs do not see each other's requests. Share the log through Redis.",
      };
    case "dropped":
      return {
        text: note.count === 1 ? "1 older row was dropped" : `${note.count} older rows were dropped`,
        title: "The timeline keeps a limited number of rows.",
      };
  }
}

/** The range may also contain traces that did arrive. */
function countTraces(note: { from: number; to: number }): string {
  const count = Math.max(0, note.to - note.from);
  return count === 1 ? "1 trace" : `up to ${count} traces`;
}
