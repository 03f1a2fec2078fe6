import { request } from "node:http";
import { PROTOCOL_VERSION } from "../protocol/frame.js";

/** What `GET /health` of a hub answers, as far as a client needs it. */
export type HubHealth = {
  readonly server_id: string;
  readonly version: string;
  readonly protocol: number;
  readonly status: string;
  readonly pid: number;
};

const ANSWER_WITHIN_MS = 2000;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Asks who listens at `http://host:port`: a hub (its health), nobody, or something that is no hub. Never throws. */
export async function probeHub(url: string): Promise<HubHealth | "absent" | "foreign"> {
  try {
    return parseHealth(await get(new URL("/health", url))) ?? "foreign";
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // Anything but a refusal (a time-out, a reset, no HTTP) means that somebody is there who is no hub.
    return code === "ECONNREFUSED" ? "absent" : "foreign";
  }
}

/** True if this client and that hub understand each other. */
export function speaksOurProtocol(health: HubHealth): boolean {
  return health.protocol === PROTOCOL_VERSION;
}

function get(url: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, timeout: ANSWER_WITHIN_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
        if (text.length > MAX_ANSWER_BYTES) asked.destroy(new Error("the answer is too long"));
      });
      response.on("end", () => resolve(text));
      response.on("error", reject);
    });
    // The request's own time-out counts silence only; a drip of bytes must end too.
    const deadline = setTimeout(() => asked.destroy(new Error("no answer in time")), ANSWER_WITHIN_MS);
    asked.on("close", () => clearTimeout(deadline));
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("error", reject);
    asked.end();
  });
}

function parseHealth(text: string): HubHealth | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Not JSON, so not a hub.
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  if (fields.get("service") !== "mangahub") return undefined;
  return {
    server_id: String(fields.get("server_id")),
    version: String(fields.get("version")),
    protocol: Number(fields.get("protocol")),
    status: String(fields.get("status")),
    pid: Number(fields.get("pid")),
  };
}
