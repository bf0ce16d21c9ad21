/**
 * "Why?": one line for each thing that happened. A line opens to its whole sentence and to what can be done about it; all are
 * open if there is room for them.
 */
import "./reasons.css";
import { useRef } from "preact/hooks";
import { useOpenReasons } from "./use-open-reasons.ts";

interface Reason {
  rule: string;
  sentence: string;
  remedy?: string;
}

interface ReasonsProps {
  about: string;
  reasons: readonly Reason[];
}

/** The sentences, as a list that can be scrolled. */
export function Reasons({ about, reasons }: ReasonsProps) {
  const region = useRef<HTMLDivElement>(null);
  const { isOpen, open } = useOpenReasons(region, reasons);
  return (
    <div class="reasons" tabIndex={0} role="region" aria-label={`Why: ${about}`} ref={region}>
      <ul>
        {reasons.map(({ sentence, remedy }, index) => (
          <li key={sentence}>
            <details
              class="reason"
              open={isOpen(index)}
              onToggle={(event) => open(index, event.currentTarget.open)}
            >
              <summary title={sentence}>
                <bdi>{sentence}</bdi>
              </summary>
              {remedy && (
                <p class="reason-remedy">
                  <bdi>{remedy}</bdi>
                </p>
              )}
            </details>
          </li>
        ))}
      </ul>
    </div>
  );
}
