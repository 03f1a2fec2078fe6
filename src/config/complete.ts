import { checkWhole } from "./check.js";
import { DEFAULTS } from "./defaults.js";
import type { Config } from "./schema.js";
import { flatten, unflatten, type Written } from "./setting.js";

/** Settings given by a program, as they are written in a file, completed by the defaults. Throws ConfigError. */
export function completeConfig(written: Written): Config {
  const merged = unflatten({ ...flatten(DEFAULTS), ...flatten(written) });
  return checkWhole(merged, () => ({ kind: "default", name: "the settings given" }));
}
