import type { ClientRequest, IncomingMessage, request as httpRequest } from "node:http";

/** One HTTP request to a hub. */
export type HubRequest = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeout_ms: number;
};

export type HubAnswer = { readonly status: number; readonly text: string };

const MAX_ANSWER_BYTES = 64 * 1024;

/** Asks a hub over http or https. Rejects with what the system says (`ECONNREFUSED` …), or when no answer comes in time. */
export async function requestHub(url: URL, { body, timeout_ms, ...options }: HubRequest): Promise<HubAnswer> {
  // Loaded for the one that is needed: TLS costs every start its time.
  const { request }: { request: typeof httpRequest } =
    url.protocol === "https:" ? await import("node:https") : await import("node:http");
  return new Promise((resolve, reject) => {
    const asked = request(url, { ...options, agent: false, timeout: timeout_ms }, (response) => {
      collect(response, asked).then(resolve, reject);
    });
    // The request's own time-out counts silence only; a drip of bytes must end too.
    const deadline = setTimeout(() => asked.destroy(new Error("no answer in time")), timeout_ms);
    asked.on("close", () => clearTimeout(deadline));
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("error", reject);
    asked.end(body);
  });
}

async function collect(response: IncomingMessage, asked: ClientRequest): Promise<HubAnswer> {
  let text = "";
  response.setEncoding("utf8");
  for await (const part of response) {
    text += String(part);
    if (text.length > MAX_ANSWER_BYTES) asked.destroy(new Error("the answer is too long"));
  }
  return { status: response.statusCode ?? 0, text };
}

/** Where a hub answers plain requests, from its address as people write it: `wss://host/ws` is `https://host`. */
export function hubUrl(server: string, path: string): URL {
  const url = new URL(server.replace(/^ws/, "http"));
  const base = url.pathname.replace(/\/+$/, "").replace(/\/ws$/, "");
  return new URL(`${base}${path}`, url.origin);
}
