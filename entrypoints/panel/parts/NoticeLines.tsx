/** What a notice offers to copy, in the language that the user prefers. */
import { CopyLines } from "../../../components/notice/CopyLines.tsx";
import type { CopyLine } from "../../../extension/logic/notices/notice.ts";
import type { Models } from "../../../extension/models/index.ts";
import { copyText } from "./run-action.ts";

/** The lines. Once a token in one of them is copied, the panel sends it to the page's server. */
export function NoticeLines({ models, lines }: { models: Models; lines: readonly CopyLine[] }) {
  const { preferences } = models;
  return (
    <CopyLines
      lines={lines}
      language={preferences.value.value.codeLanguage}
      onLanguage={(codeLanguage) => preferences.set({ codeLanguage })}
      onCopy={({ text, what, token }) => {
        copyText(models, text, what);
        const origin = models.connection.pageOrigin.value;
        if (token !== undefined && origin !== null) void models.access.useToken(origin, token);
      }}
    />
  );
}
