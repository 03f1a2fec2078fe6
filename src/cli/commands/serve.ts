import { databaseFile } from "../../config/paths.js";
import { ChatServerError } from "../../server/chat-server-error.js";
import { DatabaseLocked } from "../../server/log/sqlite/holder.js";
import { DatabaseUnusable } from "../../server/log/sqlite/database-unusable.js";
import type { Listening } from "../../server/listening.js";
import { type ChatServer, createChatServer } from "../../server/server.js";
import { createLogger } from "../../server/telemetry/logger.js";
import type { Context } from "../context.js";
import { nameHub, probeHub } from "../hub-health.js";
import type { ListeningMessage } from "../hub-process.js";
import { MangahubError } from "../mangahub-error.js";

/** `serve`: runs a hub until a signal, or until it ends by itself (`linger`). The log goes to stderr. */
export async function serve(context: Context): Promise<void> {
  const { config, paths, cwd, output } = context;
  const database = databaseFile(config.database.path, { data_dir: paths.data_dir, cwd });
  const logger = createLogger({ level: config.log.level, write: (line) => output.log(line) });
  output.outliveReaders();
  const server = createChatServer({ config, database, logger });
  const forget = stopOnSignals(server);
  try {
    const listening = await server.listen();
    announce(context, { listening, database });
    await server.closed;
  } catch (error) {
    throw await toMangahubError(error, context);
  } finally {
    forget();
  }
}

/** The first signal lets everybody finish; the second one ends at once, as signals do by default. */
function stopOnSignals(server: ChatServer): () => void {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const forget = (): void => {
    for (const signal of signals) process.off(signal, onSignal);
  };
  const onSignal = (): void => {
    forget();
    // What goes wrong while stopping is logged, and the process ends in any case.
    void server.stop();
  };
  for (const signal of signals) process.on(signal, onSignal);
  return forget;
}

function announce(context: Context, hub: { readonly listening: Listening; readonly database: string }): void {
  const { config, output, json } = context;
  const { url } = hub.listening;
  const { database } = hub;
  const limits = config.limits.enabled ? "" : ", without rate limits";
  if (json) output.printJson({ type: "listening", url, database, limits: config.limits.enabled });
  else output.print(`mangahub listens on ${url} (database ${database}${limits})`);
  // A client that started this hub waits for it; afterwards nothing binds the two.
  const message: ListeningMessage = { type: "listening", url };
  process.send?.(message, () => process.disconnect());
}

/** A port or database that is taken ends with the code of `unreachable`: whoever started us looks for the other hub. */
async function toMangahubError(error: unknown, context: Context): Promise<unknown> {
  if (error instanceof ChatServerError) return listenError(error, context);
  if (error instanceof DatabaseLocked) return new MangahubError("unreachable", error.message, { cause: error });
  if (error instanceof DatabaseUnusable) return new MangahubError("failure", error.message, { cause: error });
  return error;
}

async function listenError(error: ChatServerError, context: Context): Promise<MangahubError> {
  const { message } = error;
  switch (error.code) {
    case "port_in_use":
      return portTaken(error, context);
    case "guests_not_allowed":
      return new MangahubError("config", message, {
        hint:
          "--auth token lets in people with an account only (mangahub auth register); --allow-guests lets in everybody " +
          "who reaches it; without either the hub listens on 127.0.0.1 only",
        cause: error,
      });
    case "tls_unusable":
      return new MangahubError("config", message, {
        hint: "tls.cert and tls.key (--tls-cert, --tls-key) name PEM files: the certificate with its chain, and its key",
        cause: error,
      });
    case "cannot_listen":
    case "already_attached":
      return new MangahubError("failure", message, { hint: "look at --host and --port", cause: error });
  }
}

/** Who has the port is said if it is a hub: maybe the one that `chat` started a while ago. */
async function portTaken(error: ChatServerError, { config }: Context): Promise<MangahubError> {
  const { port } = config.websocket;
  const found = await probeHub(`ws://127.0.0.1:${port}`);
  if (typeof found === "string") {
    return new MangahubError("unreachable", error.message, { hint: "try --port 0 for a free one", cause: error });
  }
  return new MangahubError("unreachable", `${error.message} by ${nameHub(found)}`, {
    hint: `use that one, end it (kill ${found.pid}), or try --port 0 for a free port and --database for another file`,
    cause: error,
  });
}
