/** The first of the messages whose texts stay within `maxBytes` of UTF-8, at least one; the source is read no further. */
export function takeBytes<T extends { readonly message: string }>(messages: Iterable<T>, maxBytes = Infinity): T[] {
  const taken: T[] = [];
  let bytes = 0;
  for (const message of messages) {
    bytes += Buffer.byteLength(message.message);
    if (taken.length > 0 && bytes > maxBytes) break;
    taken.push(message);
  }
  return taken;
}
