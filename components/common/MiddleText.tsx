/** A name that is shortened in its middle where there is no room for it: `/static/…/app.js`. The whole belongs in a title around it. */
import { splitMiddle } from "./split-middle.ts";

interface MiddleTextProps {
  text: string;
  /** How many characters stay at the end. */
  most: number;
}

/** The name, in one or two pieces that read as one. */
export function MiddleText({ text, most }: MiddleTextProps) {
  const [start, end] = splitMiddle(text, most);
  if (end === "") return <bdi>{text}</bdi>;
  return (
    <bdi>
      <span class="middle-start" style={{ "--end": `${end.length}ch` }}>
        {start}
      </span>
      <span class="middle-end">{end}</span>
    </bdi>
  );
}
