/** Names of one machine for itself: whoever listens on a port of it is meant by each of them. */
const LOOPBACK = /^(?:localhost|127\.0\.0\.1|\[::1\])(?=$|:)/;

/**
 * One spelling for addresses that lead to the same place: ws for http, no /ws, no slash at the end, no port that goes
 * without saying, one name for this machine. ws and wss stay apart: what was shown in plain text is to be worth nothing
 * where the line is encrypted.
 */
export function addressOf(url: string): string {
  if (!URL.canParse(url)) return url;
  const { protocol, host, pathname } = new URL(url);
  const place = host.replace(/\.(?=$|:)/, "").replace(LOOPBACK, "127.0.0.1");
  return `${protocol.replace(/^http/, "ws")}//${place}${pathname.replace(/\/+$/, "").replace(/\/ws$/, "")}`;
}
