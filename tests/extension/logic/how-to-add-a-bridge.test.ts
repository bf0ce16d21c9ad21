/** What is offered when no bridge answers fits the server, as far as its session cookie shows. */
import { expect, it } from "vitest";
import { BRIDGE_NOTICES } from "../../../extension/logic/notices/bridge-notices.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { PAGE } from "../../truth/facts.ts";

const tell = (framework: string | null) =>
  firstNotice(BRIDGE_NOTICES, {
    pageUrl: `${PAGE}/`,
    pageOrigin: PAGE,
    claimedOrigin: null,
    offered: null,
    link: { origin: PAGE, standing: { state: "absent" } },
    framework,
    now: 0,
  });

it.each([null, "Express", "Koa"])("a line for Node servers, such as %s", (framework) => {
  expect(tell(framework)?.code).toContain("app.use(openBridge");
});

it("both for a cookie like Django's, because this library's cookie looks the same", () => {
  expect(tell("Django")?.code).toContain("app.use(openBridge");
  expect(tell("Django")?.sentence).toContain("npx session-bridge django");
});

it.each(["PHP", "Rails"])("no line that could not work, for %s", (framework) => {
  expect(tell(framework)?.code).toBeUndefined();
  expect(tell(framework)?.sentence).toContain(`looks like ${framework}'s`);
});
