/** The page "It does not connect", made from the panel's own notices: the same causes under the same words. */
import { BANNERS } from "../../extension/logic/notices/banner-notices.ts";
import {
  BRIDGE_NOTICES,
  CLOSED_PAGE,
  howToAllow,
  type LossCause,
  refused,
} from "../../extension/logic/notices/bridge-notices.ts";
import { firstNotice, type NoticeText } from "../../extension/logic/notices/notice.ts";
import { BANNER_PAIRS, BRIDGE_PAIRS, CLOSED_PAIRS } from "../truth/notices/bridge.ts";

/** Path of the page. */
export const CONNECT_PAGE = "docs/it-does-not-connect.md";

const LOSSES: readonly LossCause[] = [
  "unreachable",
  "silent",
  "ended",
  "malformed",
  "refused",
  "absent",
  "unproven",
];

/** Codes of refusals that a user can meet. */
const CODES = ["token-missing", "proxied", "extension", "fetch-site", "too-many-streams", "failed"] as const;

const HEAD = `# It does not connect

For developers whose app has a bridge that the tab does not find. Each heading is what the tab says; below it are the reason and the one next step. For what the
server knows, its terminal and \`npx session-bridge doctor\` use the same words. \`localhost:5173\`, \`localhost:3000\` and \`app.test\` are examples.

\`\`\`sh
npx session-bridge doctor http://localhost:5173
\`\`\`

The command looks at the running app from outside and prints what it finds.

Behind a development server or a proxy on this machine you have to do nothing: each response of the app names the port of its bridge, and the tab calls it
there. [The bridge](bridge.md) lists the options, and [Security](security.md) says whom it answers.
`;

/** The page, as it has to be. */
export function connectPage(): string {
  const parts = [
    ["Before there is a bridge", [...closedNotices(), ...bridgeNotices()]],
    ["The bridge refuses", CODES.map(refusalNotice)],
    ["The bridge was there", LOSSES.map(lossNotice)],
  ] as const;
  return `${[HEAD, ...parts.map(([title, notices]) => sectionOf(title, notices))].join("\n")}`;
}

function closedNotices(): (NoticeText | null)[] {
  return [CLOSED_PAGE].map((rule) => rule.tell(CLOSED_PAIRS[rule.name]?.case ?? { pageUrl: null }));
}

/** Refusals and losses have sections of their own below. */
function bridgeNotices(): (NoticeText | null)[] {
  return BRIDGE_NOTICES.filter(({ name }) => name !== "refused").map((rule) => {
    const pair = BRIDGE_PAIRS[rule.name];
    return pair === undefined ? null : rule.tell(pair.case);
  });
}

function refusalNotice(code: (typeof CODES)[number]): NoticeText {
  const refusal = { code, message: "…", protocol: 1 };
  const { title } = refused(refusal);
  return { title: `${title}: ${code}`, sentence: howToAllow(refusal) };
}

function lossNotice(cause: LossCause): NoticeText | null {
  const facts = BANNER_PAIRS["lost"]?.case;
  if (facts?.link?.standing.state !== "lost") return null;
  const link = { ...facts.link, standing: { ...facts.link.standing, cause } };
  const notice = firstNotice(BANNERS, { ...facts, link });
  // when it was last heard from is no part of the words
  return notice && { ...notice, sentence: notice.sentence.replace(/ It was last heard.*$/, "") };
}

function sectionOf(title: string, notices: readonly (NoticeText | null)[]): string {
  const shown = notices.filter((notice) => notice !== null);
  const unique = shown.filter(({ title: each }, at) => shown.findIndex((one) => one.title === each) === at);
  return `## ${title}\n\n${unique.map(partOf).join("\n")}`;
}

function partOf({ title, sentence, lines = [], button }: NoticeText): string {
  const copied = lines
    .filter(({ language }) => language !== "js")
    .map(({ text }) =>
      text
        .split("\n")
        .map((line) => `    ${line}\n`)
        .join(""),
    );
  const pressed = button === undefined ? "" : ` The button: *${button}*.`;
  return `### ${title}\n\n${sentence}${pressed}\n${lines.length === 0 ? "" : `\n${copied.join("")}`}`;
}
