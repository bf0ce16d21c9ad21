/** The composition root: real ports, models on them, and the panel that shows the models. */
import { render } from "preact";
import { App } from "./App.tsx";
import { createModels } from "./models/index.ts";
import { startKeeping } from "./models/keeping.ts";
import { createPorts } from "./ports/browser.ts";

const root = document.getElementById("panel");
if (!root) throw new Error('[panel] index.html lacks the element "panel". Reinstall the extension.');
const ports = createPorts();
const models = createModels(ports);
addEventListener("pagehide", startKeeping(models, ports));
render(<App models={models} />, root);
