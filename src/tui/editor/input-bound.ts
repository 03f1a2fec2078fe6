/**
 * UTF-16 units that one input holds: many times a message, so that whoever pastes too much can see and shorten it, and
 * little enough to be laid out with each key.
 */
export const MAX_INPUT_LENGTH = 256 * 1024;

export function fitsInput(...texts: readonly string[]): boolean {
  return texts.reduce((sum, { length }) => sum + length, 0) <= MAX_INPUT_LENGTH;
}
