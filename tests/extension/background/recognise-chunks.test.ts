/** Chunks of a session under a name that the app chose: the first shows what it is, the others follow it. */
import { expect, it } from "vitest";
import { createCookieJar } from "../../../extension/background/cookie-jar.ts";
import { createFakeJar, NOW } from "../fake-jar.ts";

const full = `Fe26.2*1*${"a".repeat(3500)}`;

async function frameworks(
  put: readonly { name: string; value: string; path?: string }[],
): Promise<Record<string, string | undefined>> {
  const fake = createFakeJar();
  for (const cookie of put) fake.put({ ...cookie, domain: "localhost" });
  const listed = await createCookieJar(fake, () => NOW).list(1, ["localhost"]);
  return Object.fromEntries(
    listed.map(({ name, path, recognised }) => [`${path}${name}`, recognised?.framework]),
  );
}

it("a later chunk is what the first one is", async () => {
  const put = ["app.1", "app.0", "app.2"].map((name) => ({ name, value: name === "app.0" ? full : "x" }));
  expect(await frameworks(put)).toEqual({
    "/app.0": "iron-session",
    "/app.1": "iron-session",
    "/app.2": "iron-session",
  });
});

it("a numbered cookie next to a value that fits into one cookie is not its chunk", async () => {
  const put = [
    { name: "app.0", value: "Fe26.2*1*abc*def" },
    { name: "app.1", value: "x" },
  ];
  expect(await frameworks(put)).toEqual({ "/app.0": "iron-session", "/app.1": undefined });
});

it("a numbered cookie is not a chunk of a value that is not a session, nor of one under another name or path", async () => {
  const put = [
    { name: "app.0", value: full },
    { name: "shop.1", value: "x" },
    { name: "app.1", value: "x", path: "/shop" },
    { name: "text.0", value: "t".repeat(3500) },
    { name: "text.1", value: "x" },
  ];
  const { "/app.0": first, ...others } = await frameworks(put);
  expect(first).toBe("iron-session");
  expect(Object.values(others)).toEqual([undefined, undefined, undefined, undefined]);
});
