/** "Why?": one sentence for each thing that happened, and what to do about it where there is something to do. */
import "./why.css";

export interface Reason {
  rule: string;
  sentence: string;
  remedy?: string;
}

interface WhyProps {
  about: string;
  reasons: readonly Reason[];
}

export function Why({ about, reasons }: WhyProps) {
  return (
    <div class="why" tabIndex={0} role="region" aria-label={`Why: ${about}`}>
      <ul>
        {reasons.map(({ sentence, remedy }) => (
          <li key={sentence}>
            <p>
              <bdi>{sentence}</bdi>
            </p>
            {remedy && (
              <p class="why-remedy">
                <bdi>{remedy}</bdi>
              </p>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
