/** Prints a run: processor time, requests a second, and the comparisons that the project promises. */
import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { comparisons } from "./comparisons.ts";
import { CONTESTANTS, type Contestant } from "./contestants.ts";
import type { Results } from "./results.ts";
import { toRatios, toSpread, toText } from "./statistics.ts";
import { WORKLOADS } from "./workloads.ts";

/** The part of the page that a run writes, up to its end. */
const HEADING = "## The library";
const PAGE = new URL("../../docs/performance.md", import.meta.url);

export async function printReport(results: Results, growth: string, write: boolean): Promise<void> {
  const text = `${toReport(results)}${growth === "" ? "" : `\n${growth}\n`}`;
  console.log(text);
  if (write) await writeFile(PAGE, putInto(await readFile(PAGE, "utf8"), text));
}

/** The page with this run as its part on the library; what is before that part is not ours and stays. */
function putInto(page: string, report: string): string {
  const [before = ""] = page.split(`${HEADING}\n`, 1);
  return `${before.trimEnd()}\n\n${report.replaceAll(/^## /gm, "### ").replace("# Performance", HEADING)}`;
}

function toReport(results: Results): string {
  const { facts } = results;
  const spread = toRatios(results.cpu("bare-node-again", "untouched"), results.cpu("bare-node", "untouched"));
  return `# Performance

Made by \`npm run bench -- --write\` on Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown processor"}. All servers were alive side
by side, ${facts.pinned ? "each with the load on one core, the stores on the other" : "NOT PINNED"}; ${facts.passes} passes in random order, ${facts.durationMs} ms a sample,
${facts.connections} keep-alive connections, ${facts.sessions} sessions each. Only ratios within the run count; they are taken pass by pass.
Bare \`node:http\` against itself (A/A): ${toText(spread, 3)}.

${WORKLOADS.map(({ name, meaning }) => `- *${name}*: ${meaning}`).join("\n")}

## Server processor time, µs a request (median of the passes)

${toTable(results, (id, name) => results.cpu(id, name), 1)}

## Requests a second (median, of servers that share a core with the load)

${toTable(results, (id, name) => results.requestsPerSecond(id, name), 0)}

${comparisons(results)}
`;
}

function toTable(
  results: Results,
  samplesOf: (id: string, name: (typeof WORKLOADS)[number]["name"]) => number[],
  digits: number,
): string {
  const names = results.workloads();
  const rows = inOrder(results.contestants()).map((contestant) => {
    const cells = names.map((name) => {
      const samples = samplesOf(contestant.id, name);
      return samples.length === 0 ? "" : toSpread(samples).middle.toFixed(digits);
    });
    const label = contestant.role === "ours" ? `**${contestant.label}**` : contestant.label;
    return `| ${contestant.framework} | ${label} | ${cells.join(" | ")} |`;
  });
  return [`| on | | ${names.join(" | ")} |`, `|---|---|${names.map(() => "---:|").join("")}`, ...rows].join(
    "\n",
  );
}

function inOrder(contestants: readonly Contestant[]): Contestant[] {
  return CONTESTANTS.filter((contestant) => contestants.includes(contestant));
}
