/** What the measurements do inside the page. Each function is self-contained, because its source is sent there. */

declare global {
  interface Window {
    frameTimes: number[] | null;
  }
}

/** Records the length of every frame from now on, in `window.frameTimes`. */
export function watchFrames(): void {
  const times: number[] = [];
  window.frameTimes = times;
  let last = performance.now();
  const next = (now: number): void => {
    times.push(now - last);
    last = now;
    if (window.frameTimes === times) requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}

/** Share of the recorded frames that took over 33 ms, in percent. */
export function slowFrames(): number {
  const times = window.frameTimes ?? [];
  window.frameTimes = null;
  return (times.slice(2).filter((time) => time > 33.4).length / Math.max(1, times.length - 2)) * 100;
}

/** Sends a thousand requests with traces at the same time; returns the longest time that a click would have waited. */
export async function burst(): Promise<number> {
  const { world } = window.harness;
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - last - 4);
    last = now;
  }, 4);
  await new Promise((resolve) => setTimeout(resolve, 100));
  longest = 0;
  for (let at = 0; at < 1000; at += 1) {
    const trace = world.server.trace({ changes: [{ key: "visits", kind: "changed" }] });
    world.request({
      url: `http://localhost:8000/burst/${at}`,
      traceId: trace.id,
      sentCookies: ["sessionid"],
    });
    // As they come from the browser: one message each, several in the same turn.
    if (at % 20 === 19) await new Promise((resolve) => setTimeout(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  clearInterval(timer);
  return longest;
}

/** Sends this many requests with traces, as fast as the panel accepts them. */
export async function refill(count: number): Promise<void> {
  const { world } = window.harness;
  for (let at = 0; at < count; at += 1) {
    const trace = world.server.trace({ changes: [{ key: "visits", kind: "changed" }] });
    world.request({
      url: `http://localhost:8000/refill/${at}`,
      traceId: trace.id,
      sentCookies: ["sessionid"],
    });
    if (at % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  // The simulated server's log is not part of the panel.
  world.server.forget();
  await new Promise((resolve) => setTimeout(resolve, 2000));
}

/** Opens the large session nine times; returns the median time until its rows are painted. */
export async function large(): Promise<number> {
  const { world, models } = window.harness;
  const cookie = world.cookies.cookies[0];
  const text = world.server.read(cookie?.value ?? "")?.dataJson ?? "";
  const times: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    world.server.put(cookie?.value ?? "", "{}");
    await models.session.read();
    await new Promise((resolve) => setTimeout(resolve, 100));
    world.server.put(cookie?.value ?? "", text.replace("key_0", `round_${round}`));
    const start = performance.now();
    await models.session.read();
    while (document.querySelector(".leaf") === null) await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    times.push(performance.now() - start);
  }
  return times.sort((one, other) => one - other)[4] ?? 0;
}

/** Sends fifty responses, one after the other; returns the median time until their row is painted. */
export async function painted(): Promise<number> {
  const { world } = window.harness;
  const times: number[] = [];
  for (let at = 0; at < 50; at += 1) {
    await new Promise((resolve) => setTimeout(resolve, 60));
    const start = performance.now();
    const trace = world.server.trace({ changes: [{ key: `key_${at}`, kind: "added" }] });
    world.request({
      url: `http://localhost:8000/painted/${at}`,
      traceId: trace.id,
      sentCookies: ["sessionid"],
    });
    const there = (): boolean =>
      document.querySelector(".grid")?.textContent?.includes(`+key_${at}`) ?? false;
    while (!there()) await new Promise((resolve) => setTimeout(resolve));
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
    times.push(performance.now() - start);
  }
  return times.sort((one, other) => one - other)[25] ?? 0;
}

/** Exports the history nine times; returns the median time. */
export async function exported(rows: number): Promise<number> {
  const { models } = window.harness;
  const times: number[] = [];
  for (let round = 0; round < 9; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const start = performance.now();
    const { text } = models.exchange.history();
    times.push(performance.now() - start);
    const found = text.split('"url": ').length - 1;
    if (found < rows) throw new Error(`${found} of ${rows} requests are in the file`);
  }
  return times.sort((one, other) => one - other)[4] ?? 0;
}

/** Waits this long; returns the seconds that it took. */
export async function idle(ms: number): Promise<number> {
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, ms));
  return (performance.now() - start) / 1000;
}
