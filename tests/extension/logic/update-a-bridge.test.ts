/** What is offered for a bridge of another version can be run as it is written: the package is on no registry yet. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PROTOCOL_VERSION } from "session-bridge/protocol";
import { expect, it } from "vitest";
import { BRIDGE_NOTICES } from "../../../extension/logic/notices/bridge-notices.ts";
import { firstNotice } from "../../../extension/logic/notices/notice.ts";
import { PAGE } from "../../truth/facts.ts";

const tell = (theirs: number) =>
  firstNotice(BRIDGE_NOTICES, {
    pageUrl: `${PAGE}/`,
    pageOrigin: PAGE,
    claimedOrigin: null,
    offered: null,
    mark: null,
    isAnswered: true,
    isRecording: true,
    isDevServer: false,
    hasCalledApp: true,
    newToken: "",
    link: { origin: PAGE, standing: { state: "version", theirs } },
    now: 0,
  });

it("an older bridge is updated by a command of the extension's checkout", () => {
  const { scripts } = JSON.parse(readFileSync(join(import.meta.dirname, "../../../package.json"), "utf8"));
  const notice = tell(PROTOCOL_VERSION - 1);
  const script = /^npm run (\S+)$/.exec(notice?.lines?.[0]?.text ?? "")?.[1] ?? "";
  expect(Object.keys(scripts)).toContain(script);
  expect(notice?.sentence).toContain("in the extension's checkout");
});

it("a newer bridge requires another extension, and no command", () => {
  const notice = tell(PROTOCOL_VERSION + 1);
  expect(notice?.lines).toBeUndefined();
  expect(notice?.sentence).toContain("Update this extension.");
});
