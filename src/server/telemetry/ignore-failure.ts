/** Calls what an embedding program gave; that it fails, at once or by a promise, is lost: there is nowhere to tell it. */
export function ignoreFailure(call: () => unknown): void {
  try {
    const answer = call();
    if (typeof answer === "object" && answer !== null && "then" in answer) Promise.resolve(answer).catch(() => {});
  } catch {
    // As above.
  }
}
