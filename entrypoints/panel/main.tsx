/** The composition root: real ports, the models built on them, and the panel that shows the models. */
import { render } from "preact";
import { createModels } from "../../extension/models/index.ts";
import { keepView } from "../../extension/models/keep-view.ts";
import { createPorts } from "../../extension/ports/browser.ts";
import { Panel } from "./Panel.tsx";

const root = document.getElementById("panel");
if (!root) throw new Error('[panel] index.html lacks the element "panel". Reinstall the extension.');
const ports = createPorts();
const models = createModels(ports);
addEventListener("pagehide", keepView(models, ports));
render(<Panel models={models} clock={ports.clock} />, root);
