/** A fault that was found in the build of 29d454d, and what became of it. */
export type FaultRow = ShownByTest | ShownByPackage | Left;

type Fault = {
  /** Its number in the list of faults: section, then the entry's own. */
  readonly entry: string;
  /** What is right. */
  readonly what: string;
};

type ShownByTest = Fault & {
  /** The test file, and the title of the test as it is written there. */
  readonly file: string;
  readonly test: string;
};

/** A test of the packed package, which `npm run test:package` runs. */
type ShownByPackage = ShownByTest & { readonly is_package: true };

type Left = Fault & {
  /** Why nothing shows it: what it waits for, or why it stays as it is. */
  readonly left: string;
};
