/** "Why?": one sentence for each thing that happened, and what to do about it where there is something to do. */
import "./reasons.css";

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
  return (
    <div class="reasons" tabIndex={0} role="region" aria-label={`Why: ${about}`}>
      <ul>
        {reasons.map(({ sentence, remedy }) => (
          <li key={sentence}>
            <p>
              <bdi>{sentence}</bdi>
            </p>
            {remedy && (
              <p class="reason-remedy">
                <bdi>{remedy}</bdi>
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
