/** What a request asks for, whichever way its request line spells that. */
export type Target = {
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** Host and port of an absolute form, which count instead of the header Host (RFC 9112, section 3.2.2). */
  readonly authority?: string;
};

/** What reads the same before and after it was parsed as an address. */
const PLAIN = /^(\/[\w/-]*)(?:\?([\w=&%+.~-]*))?$/;

/**
 * Reads the target of a request line in origin form (`/ws?x=1`) or absolute form (`http://host/ws?x=1`). Dot segments
 * and percent-encoded unreserved characters of the path are resolved (RFC 3986, section 6.2.2). What is no address, such
 * as `*`, is a path that nothing has.
 */
export function targetOf(url = "/"): Target {
  const plain = PLAIN.exec(url);
  if (plain !== null) return { path: plain[1] ?? "", query: plain[2] ?? "" };
  const [, authority, rest = url] = /^(?:https?|wss?):\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  const from = authority !== undefined && !rest.startsWith("/") ? `/${rest}` : rest;
  const address = `http://hub${from}`;
  const named = authority === undefined ? {} : { authority };
  if (!from.startsWith("/") || !URL.canParse(address)) return { path: url, query: "", ...named };
  const { pathname, search } = new URL(address);
  return { path: decodeUnreserved(pathname), query: search.slice(1), ...named };
}

function decodeUnreserved(path: string): string {
  return path.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[\w.~-]/.test(character) ? character : escape;
  });
}
