/** Lines of code or commands, each with a button that copies it, and a choice of language if some lines differ by it. */
import "./copy-lines.css";
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
  return (
    <div class="copy-lines">
      {lines.some((line) => line.language !== undefined) && (
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
      )}
      {shown.map((line) => (
        <span class="code-line" key={line.what}>
          <code>{line.text}</code>
          <button type="button" class="button" aria-label={`Copy ${line.what}`} onClick={() => onCopy(line)}>
            Copy
          </button>
        </span>
      ))}
    </div>
  );
}
