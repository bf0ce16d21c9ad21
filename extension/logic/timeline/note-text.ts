/** Notes of the timeline in words: what may be missing, and why. */
import { formatTime } from "../time-text.ts";
import { type Note, pathOf } from "./entry.ts";

/** What a note says in its row, and at length in its title. */
export function noteText(note: Note): { text: string; title: string } {
  switch (note.kind) {
    case "navigation":
      return { text: `Went to ${pathOf(note.url)}`, title: note.url };
    case "lost": {
      const when = `Not connected ${formatTime(note.from)} – ${formatTime(note.to)}`;
      return note.whole
        ? {
            text: `${when}; the server's log goes on`,
            title:
              "It is the same one as before: what it still holds of that time has come. What it dropped, a gap tells.",
          }
        : {
            text: `${when}; the server's log is a new one`,
            title:
              "It restarted, or another process answers. Changes between the last row and this one may be missing.",
          };
    }
    case "restarted":
      return {
        text: "Gap: the server's log is a new one",
        title:
          "It restarted, or another process answers. Changes between the last row and this one may be missing.",
      };
    case "evicted":
      return {
        text: `Gap: ${countTraces(note)} let go by the server's log`,
        title: "The log keeps a bounded number of traces. Changes may be missing here.",
      };
    case "slow":
      return {
        text: `Gap: ${countTraces(note)} skipped because the panel was slow`,
        title: "The server sent more than the panel took. Changes may be missing here.",
      };
    case "other-process":
      return {
        text: "Gap: another server process answered",
        title: "Processes with logs of their own do not see each other. Share the log through Redis.",
      };
    case "dropped":
      return {
        text: note.count === 1 ? "1 older row was let go" : `${note.count} older rows were let go`,
        title: "The timeline keeps a bounded number of rows.",
      };
  }
}

function countTraces(note: { from: number; to: number }): string {
  const count = Math.max(0, note.to - note.from);
  return count === 1 ? "1 trace" : `${count} traces`;
}
