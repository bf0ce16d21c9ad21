/** A site of two processes: what is found about requests of which each was answered by another one. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { hasDjango } from "../interop/django-packages.ts";
import { startTracedSite, type TracedSite, urlsOf } from "./traced-site.ts";

const VIEWS = urlsOf(`from pathlib import Path
from django.conf import settings


def begin(request):
    request.session["cart"] = []
    return HttpResponse("begun")


def held(request):
    request.session["cart"]
    (settings.BASE_DIR / "entered").touch()
    while not (settings.BASE_DIR / "released").exists():
        pass
    request.session["held"] = 1
    return HttpResponse("held")


def meanwhile(request):
    request.session["cake"] = 1
    return HttpResponse("meanwhile")


def append(request):
    request.session["cart"].append("tea")
    return HttpResponse("appended")
`);
const APPENDS = `mysite/urls.py:${VIEWS.split("\n").findIndex((line) => line.includes(".append(")) + 1}`;

const SERIES = process.env["SESSIONS_FIELD"] === "true" ? (["3.2", "5.2"] as const) : (["3.2"] as const);

for (const series of SERIES) {
  const there = await hasDjango(series);
  it.skipIf(!there)(
    `a lost update, and a change that was not marked, of Django ${series} with two workers`,
    async () => {
      const traced = await startTracedSite({
        series,
        server: "gunicorn",
        files: { "mysite/urls.py": VIEWS },
      });
      try {
        await loseAnUpdate(traced);
        const unmarked = await traced.visit("/append/");
        expect(unmarked.findings).toEqual([{ code: "unmarked-change", keys: ["cart"], lines: [APPENDS] }]);
      } finally {
        await traced.stop();
      }
    },
    60_000,
  );
}

async function loseAnUpdate(traced: TracedSite): Promise<void> {
  await traced.visit("/begin/");
  const isThere = (name: string) => existsSync(join(traced.site.folder, name));
  const held = traced.visit("/held/");
  await vi.waitFor(() => expect(isThere("entered")).toBe(true), { timeout: 10_000 });
  const meanwhile = await traced.visit("/meanwhile/");
  writeFileSync(join(traced.site.folder, "released"), "");
  const trace = await held;
  expect(trace.process).not.toBe(meanwhile.process);
  expect(meanwhile.findings).toEqual([]);
  expect(trace.findings).toEqual([{ code: "lost-update", keys: ["cake"], traces: [meanwhile.id] }]);
}
