/** The table at the end of the run: what each bundler was tested for, what passed, and what is declared impossible. */
import type { Format } from "./bundlers.ts";
import type { Case } from "./cases.ts";

interface Row {
  bundler: string;
  format: Format;
  cases: number;
  passed: number;
  impossible: number;
}

/** Counts cases by bundler and format. An impossible case has passed when it showed what happens instead. */
export class Score {
  readonly #rows = new Map<string, Row>();
  readonly #reasons = new Map<string, string>();

  /** A case was tested. */
  begin(bundler: string, format: Format, { name, impossible }: Case): void {
    const row = this.#row(bundler, format);
    row.cases += 1;
    if (impossible === undefined) return;
    row.impossible += 1;
    this.#reasons.set(name, impossible);
  }

  /** It passed. */
  pass(bundler: string, format: Format): void {
    this.#row(bundler, format).passed += 1;
  }

  /** Prints the table, and below it the reason for each thing that is impossible. */
  print(): void {
    const rows = [
      ["bundler", "format", "cases", "passed", "of these declared impossible"],
      ...[...this.#rows.values()].map((row) => [
        row.bundler,
        row.format,
        String(row.cases),
        String(row.passed),
        String(row.impossible),
      ]),
    ];
    const widths =
      rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    const lines = rows.map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    );
    const reasons = [...this.#reasons].map(([name, reason]) => `impossible: ${name}: ${reason}.`);
    console.log(`\n${[...lines, ...reasons].join("\n")}\n`);
  }

  #row(bundler: string, format: Format): Row {
    const key = `${bundler} ${format}`;
    const row = this.#rows.get(key) ?? { bundler, format, cases: 0, passed: 0, impossible: 0 };
    this.#rows.set(key, row);
    return row;
  }
}
