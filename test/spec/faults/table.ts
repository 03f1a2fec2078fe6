import { ATTACKS } from "./attacks.js";
import { CLIENT_REPORTS } from "./client-reports.js";
import { DOCUMENTS } from "./documents.js";
import type { FaultRow } from "./fault-row.js";
import { FIRST_TRIAL } from "./first-trial.js";
import { HUB_REPORTS } from "./hub-reports.js";
import { LOW_ATTACKS } from "./low-attacks.js";
import { PROGRAMS } from "./programs.js";
import { SECOND_TRIAL } from "./second-trial.js";

/** Every fault that was found in the build of 29d454d, with the test that shows the right value. */
export const FAULTS: readonly FaultRow[] = [
  ...ATTACKS,
  ...LOW_ATTACKS,
  ...PROGRAMS,
  ...DOCUMENTS,
  ...HUB_REPORTS,
  ...CLIENT_REPORTS,
  ...FIRST_TRIAL,
  ...SECOND_TRIAL,
];
