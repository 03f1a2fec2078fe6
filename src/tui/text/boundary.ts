const SEGMENTER = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The offset behind the grapheme that stands at `offset`; the text's end at most. */
export function nextBoundary(text: string, offset: number): number {
  const found = SEGMENTER.segment(text).containing(offset);
  return found === undefined ? text.length : found.index + found.segment.length;
}

/** The offset of the grapheme that ends at, or holds, the place before `offset`; 0 at least. */
export function previousBoundary(text: string, offset: number): number {
  return offset <= 0 ? 0 : (SEGMENTER.segment(text).containing(offset - 1)?.index ?? 0);
}

/** The offset itself if a grapheme starts there, else the next place where one does. */
export function snapToBoundary(text: string, offset: number): number {
  if (offset <= 0) return 0;
  const found = SEGMENTER.segment(text).containing(offset);
  if (found === undefined) return text.length;
  return found.index === offset ? offset : found.index + found.segment.length;
}
