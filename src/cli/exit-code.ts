/** What a command's end means to a script. `mangahub help` repeats the main ones. */
export const EXIT_CODES = {
  ok: 0,
  /** Something unforeseen outside of us, such as a full disk. */
  failure: 1,
  usage: 2,
  config: 3,
  /** No hub answers, or something else does. */
  unreachable: 4,
  not_authenticated: 5,
  /** The hub answered no. */
  refused: 6,
  /** The message waits in the outbox; the next command against that server delivers it. */
  kept: 7,
  /** Our own mistake; a stack is printed. */
  bug: 70,
  interrupted: 130,
} as const;

export type ExitName = keyof typeof EXIT_CODES;
