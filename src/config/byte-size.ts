const UNITS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** How a size is written, for error messages. */
export const BYTE_SIZE_RULE = "a number of bytes, or a number with KiB, MiB or GiB, such as 64KiB";

/** Bytes of `64KiB`, `10 MiB`, `10485760`; undefined if the text is no size. */
export function parseByteSize(text: string): number | undefined {
  const found = /^(\d{1,15}) ?(B|KiB|MiB|GiB)?$/.exec(text);
  if (found === null) return undefined;
  const [, amount, unit = "B"] = found;
  if (!isUnit(unit)) return undefined;
  const bytes = Number(amount) * UNITS[unit];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest exact way to write so many bytes: 65536 is `64KiB`, 1000 is `1000`. */
export function formatByteSize(bytes: number): string {
  for (const unit of ["GiB", "MiB", "KiB"] as const) {
    if (bytes > 0 && bytes % UNITS[unit] === 0) return `${bytes / UNITS[unit]}${unit}`;
  }
  return String(bytes);
}

function isUnit(text: string): text is keyof typeof UNITS {
  return Object.hasOwn(UNITS, text);
}
