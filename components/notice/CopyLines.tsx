/** Lines of code or commands, each with a button that copies it, and a choice of language if some lines differ by it. */
import "./copy-lines.css";
import { Fragment } from "preact";
import type { CopyLine } from "../../extension/logic/notices/notice.ts";

/** `ts`: TypeScript and ES modules. `js`: CommonJS. */
type Language = NonNullable<CopyLine["language"]>;

interface CopyLinesProps {
  lines: readonly CopyLine[];
  language: Language;
  onLanguage: (language: Language) => void;
  onCopy: (line: CopyLine) => void;
}

const LANGUAGES = [
  ["ts", "TypeScript", "TypeScript, or JavaScript with import"],
  ["js", "JavaScript", "JavaScript with require (CommonJS)"],
] as const;

/** The lines of the chosen language. */
export function CopyLines({ lines, language, onLanguage, onCopy }: CopyLinesProps) {
  const shown = lines.filter((line) => line.language === undefined || line.language === language);
  const first = shown.find((line) => line.language !== undefined);
  return (
    <div class="copy-lines">
      {shown.map((line) => (
        <Fragment key={line.what}>
          {line === first && <Languages language={language} onLanguage={onLanguage} />}
          <span class="code-line">
            <code>{line.text}</code>
            <button
              type="button"
              class="button"
              aria-label={`Copy ${line.what}`}
              onClick={() => onCopy(line)}
            >
              Copy
            </button>
          </span>
        </Fragment>
      ))}
    </div>
  );
}

/** The choice, above the first line that depends on it. */
function Languages({ language, onLanguage }: Pick<CopyLinesProps, "language" | "onLanguage">) {
  return (
    <div class="languages" role="group" aria-label="Language">
      {LANGUAGES.map(([id, text, title]) => (
        <button
          key={id}
          type="button"
          class="button"
          title={title}
          aria-pressed={language === id}
          onClick={() => onLanguage(id)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}
