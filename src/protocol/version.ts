/** The package's version, as both halves tell it. A test compares it with package.json. */
export const VERSION = "0.1.0";
