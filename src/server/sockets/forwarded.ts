import type { IncomingMessage } from "node:http";
import { BlockList, isIP, isIPv4 } from "node:net";
import { headerList } from "../request/header-list.js";
import { targetOf } from "../request/target.js";
import { UNKNOWN_ADDRESS, withoutMapping } from "./address.js";

/** Who asks, and by what name they called the hub: the connection's own facts, or those that a trusted proxy tells. */
export type Remote = {
  /** An IP address without decoration, or `unknown`. For limits and logs. */
  readonly address: string;
  /** The header Host as it came, or the host of a request line in absolute form: a page can neither choose nor hide it. */
  readonly host: string;
  /** The host as the client wrote it; another than `host` behind a proxy. */
  readonly public_host: string;
  /** A trusted proxy said what `public_host` is. */
  readonly is_forwarded: boolean;
  /** Whether the client used TLS, on its way to the hub or to the proxy. */
  readonly is_secure: boolean;
};

/** What is wrong with a request of which there is no Remote. */
export const CONTRADICTION =
  "Forwarded and X-Forwarded-For name different clients: the proxy must drop the one that it does not write itself";

/** What one proxy wrote down of whoever asked it. */
type Hop = {
  readonly address: string | undefined;
  readonly proto: string | undefined;
  readonly host: string | undefined;
};

/** The proxies whose word counts: setting `websocket.trusted_proxies`, addresses and ranges such as `10.0.0.0/8`. */
export class TrustedProxies {
  readonly #ranges = new BlockList();
  readonly #isEmpty: boolean;

  constructor(ranges: readonly string[]) {
    this.#isEmpty = ranges.length === 0;
    for (const range of ranges) {
      const [address = "", bits] = range.split("/", 2);
      const family = isIPv4(address) ? "ipv4" : "ipv6";
      if (bits === undefined) this.#ranges.addAddress(address, family);
      else this.#ranges.addSubnet(address, Number(bits), family);
    }
  }

  /**
   * Reads `Forwarded` or `X-Forwarded-For`, `-Proto` and `-Host` if the other end is a trusted proxy: the rightmost
   * address that is not a trusted proxy's is whoever asks. Undefined if the two kinds of header contradict each other: one of
   * them is then the client's own invention, and nobody can tell which.
   */
  remoteOf({ url, headers, socket }: Pick<IncomingMessage, "url" | "headers" | "socket">): Remote | undefined {
    const address = withoutMapping(socket.remoteAddress ?? UNKNOWN_ADDRESS);
    const host = targetOf(url).authority ?? headers.host ?? "";
    const is_secure = "encrypted" in socket && socket.encrypted === true;
    const own = { address, host, public_host: host, is_forwarded: false, is_secure };
    if (!this.trusts(address)) return own;
    const hop = this.#hopIn(headers);
    if (hop === "contradictory") return undefined;
    return hop === undefined ? own : { ...own, ...factsOf(hop) };
  }

  /** Who the proxies say it is, if they say anything. */
  #hopIn(headers: IncomingMessage["headers"]): Hop | "contradictory" | undefined {
    const standard = this.#choose(hopsOfForwarded(headers.forwarded));
    const usual = this.#choose(hopsOfUsual(headers));
    if (standard === undefined || usual === undefined) return standard ?? usual;
    return standard.address === usual.address ? standard : "contradictory";
  }

  #choose(hops: readonly Hop[]): Hop | undefined {
    const last = hops.findLast(({ address }) => address === undefined || !this.#has(address));
    // All of them trusted: the request began at the first one.
    return last ?? hops[0];
  }

  /** Whether the address, as `withoutMapping` writes it, is a trusted proxy's. */
  trusts(address: string): boolean {
    return !this.#isEmpty && this.#has(address);
  }

  #has(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#ranges.check(address, family === 4 ? "ipv4" : "ipv6");
  }
}

/** What a hop tells; the connection's own facts stand for what it does not. */
function factsOf({ address = UNKNOWN_ADDRESS, proto, host }: Hop): Partial<Remote> & Pick<Remote, "address"> {
  return {
    address,
    ...(host === undefined ? {} : { public_host: host, is_forwarded: true }),
    ...(proto === undefined ? {} : { is_secure: proto === "https" || proto === "wss" }),
  };
}

/** More proxies than that stand in front of nothing. */
const MAX_HOPS = 32;

/** `for=192.0.2.1;proto=https;host=a.example, for="[2001:db8::1]:80"` (RFC 7239). */
function hopsOfForwarded(list: Header): readonly Hop[] {
  return lastOf(list).map((part) => {
    const fields = new Map(
      part.split(";").map((field) => {
        const [name = "", value = ""] = field.split(/=(.*)/s, 2);
        return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/s, "$1")];
      }),
    );
    return {
      address: addressIn(fields.get("for")),
      proto: fields.get("proto")?.toLowerCase(),
      host: fields.get("host"),
    };
  });
}

/** X-Forwarded-For, with the protocol and host of the same place in the line, counted from its end. */
function hopsOfUsual(headers: IncomingMessage["headers"]): readonly Hop[] {
  const protos = lastOf(headers["x-forwarded-proto"]).reverse();
  const hosts = lastOf(headers["x-forwarded-host"]).reverse();
  const places = lastOf(headers["x-forwarded-for"]).reverse();
  const hops = places.map((address, place) => ({
    address: addressIn(address),
    proto: (protos[place] ?? protos.at(-1))?.toLowerCase(),
    host: hosts[place] ?? hosts.at(-1),
  }));
  return hops.reverse();
}

type Header = string | readonly string[] | undefined;

function lastOf(header: Header): string[] {
  return headerList(header).slice(-MAX_HOPS);
}

/** The IP address in `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1` or `[2001:db8::1]:80`; undefined for anything else. */
function addressIn(text: string | undefined): string | undefined {
  const name = /^\[([^\]]*)\](?::\d+)?$/.exec(text ?? "")?.[1] ?? (text ?? "").replace(/^([\d.]+):\d+$/, "$1");
  return isIP(name) === 0 ? undefined : withoutMapping(name);
}
