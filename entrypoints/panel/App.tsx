/** The panel: the only component that sees the models. */
import "./panel.css";
import type { Models } from "./models/index.ts";

export interface AppProps {
  models: Models;
}

/** The whole panel, as large as its container. */
export function App({ models }: AppProps) {
  void models;
  return <main class="app" />;
}
