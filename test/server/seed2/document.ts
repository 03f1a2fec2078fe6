import { readFileSync } from "node:fs";

const text = readFileSync(new URL("../../fixtures/ws-service-architecture.md", import.meta.url), "utf8");

/** The part below a heading, up to the next one of its level or above. */
function below(heading: string): string {
  const start = text.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`the document has no heading ${heading}`);
  const level = heading.indexOf(" ");
  const rest = text.slice(start + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level}} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

function found(heading: string, row: RegExp): string[] {
  return [...below(heading).matchAll(row)].map(([, name = ""]) => name.replaceAll("**", "").trim());
}

const TABLE_ROW = /^\| `([^`]+)` \|/gm;
const BULLET = /^- (?:\[ \] )?(.+)$/gm;
const STEP = /^\d+\. (.+)$/gm;

/** Everything the document promises, section by section and row by row, in its own words. */
export const DOCUMENT: Readonly<Record<string, readonly string[]>> = {
  Endpoints: found("## Endpoints", BULLET),
  "Client → Server Messages": found("### Client → Server Messages", TABLE_ROW),
  "Server → Client Messages": found("### Server → Client Messages", TABLE_ROW),
  "Subscription Topics": found("## Subscription Topics", BULLET),
  Hub: found("### 1. Hub (`internal/websocket/hub.go`)", BULLET),
  "Message Router": found("### 2. Message Router (`internal/ws/router/message_router.go`)", BULLET),
  "Subscription Manager": found("### 3. Subscription Manager (`internal/ws/subscription/manager.go`)", BULLET),
  Broadcaster: found("### 4. Broadcaster (`internal/ws/broadcast/broadcaster.go`)", BULLET),
  "Presence Tracker": found("### 5. Presence Tracker (`internal/ws/presence/tracker.go`)", BULLET),
  "Message Handlers": found("### 6. Message Handlers (`internal/ws/handlers/`)", /^(Each handler implements .+):$/gm),
  "Message Flow": found("## Message Flow", STEP),
  "Connection Lifecycle": found("## Connection Lifecycle", STEP),
  Features: found("## Features", BULLET),
  Configuration: found("## Configuration", /^ {2}(\w+): /gm),
  "Usage Example": found("## Usage Example", /^### (.+)$/gm),
  "Scalability Considerations": found("## Scalability Considerations", BULLET),
  Security: found("## Security", BULLET),
  Monitoring: found("## Monitoring", BULLET),
  "Future Enhancements": found("## Future Enhancements", BULLET),
};
