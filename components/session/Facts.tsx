/** Names and values in two columns, for the Cookie and Raw tabs. */
import type { ComponentChildren } from "preact";

interface Fact {
  name: string;
  value: ComponentChildren;
  mono?: boolean;
}

interface FactsProps {
  facts: readonly Fact[];
}

/** A list of names and values. */
export function Facts({ facts }: FactsProps) {
  return (
    <dl class="facts">
      {facts.map(({ name, value, mono }) => (
        <div key={name} class="fact">
          <dt>{name}</dt>
          <dd class={mono ? "mono" : ""}>{typeof value === "string" ? <bdi>{value}</bdi> : value}</dd>
        </div>
      ))}
    </dl>
  );
}
