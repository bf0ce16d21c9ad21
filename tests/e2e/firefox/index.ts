/** Scenarios for Firefox only: its permissions, its cookie jars, its Toolbox. */
import type { Scenario } from "../scenario.ts";
import { access } from "./access.ts";
import { docking } from "./docking.ts";
import { jars } from "./jars.ts";
import { pictures } from "./pictures.ts";

export const firefoxScenarios: Record<string, readonly Scenario[]> = {
  "Firefox: access": access,
  "Firefox: jars": jars,
  "Firefox: docking": docking,
  "Firefox: pictures": pictures,
};
