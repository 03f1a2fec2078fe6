import { ClientError } from "../../client/client-error.js";
import type { Ack } from "../../client/send-queue.js";
import type { WebSocketClient } from "../../client/websocket-client.js";
import { LIMITS } from "../../protocol/limits.js";
import { messageFault } from "../../protocol/message-fault.js";
import { GENERAL_ROOM, parsePublicRoomId } from "../../protocol/room-id.js";
import { sanitizeText } from "../../protocol/sanitize.js";
import { destinationName, type OutboxEntry } from "../../session/outbox.js";
import type { ChatSendOptions } from "../chat-options.js";
import { type ChatSetup, openChat, runSingleCommand, type SingleCommand } from "../chat-setup.js";
import type { Context } from "../context.js";
import { MangahubError } from "../mangahub-error.js";
import { sendEntry } from "../outbox-delivery.js";

/** Bytes of a pipe after which its size is no longer counted. */
const MAX_READ_BYTES = 16 * LIMITS.maxMessageBytes;

/** `mangahub chat send`: says one thing. It is in the outbox before anything else happens. */
export async function chatSend(context: Context, words: readonly string[], options: ChatSendOptions): Promise<void> {
  const text = words.length === 0 ? undefined : words.join(" ");
  const message = checked(text === undefined || text === "-" ? await readStdin(context, text) : text);
  const setup = await openChat(context);
  try {
    const entry = entryOf(context, { setup, message, options });
    setup.outbox.add(entry);
    report(context, entry, await deliver(context, setup, entry));
  } finally {
    setup.local.close();
  }
}

async function readStdin({ stdin }: Context, text: string | undefined): Promise<string> {
  if (text === undefined && stdin.isTTY) {
    throw new MangahubError("usage", "there is nothing to send", {
      hint: 'mangahub chat send "hi", or pipe the text in',
    });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stdin) {
    // Without an encoding, stdin gives buffers.
    chunks.push(chunk as Buffer);
    length += (chunk as Buffer).length;
    if (length > MAX_READ_BYTES) {
      const most = `a message is at most ${LIMITS.maxMessageBytes} bytes`;
      throw new MangahubError("usage", `the message has more than ${MAX_READ_BYTES} bytes: ${most}`);
    }
  }
  return Buffer.concat(chunks)
    .toString("utf8")
    .replace(/\r?\n$/, "");
}

/** What the hub would refuse is refused here already, before it is kept. */
function checked(message: string): string {
  const fault = messageFault(message);
  if (fault !== undefined) throw new MangahubError("usage", fault);
  return sanitizeText(message);
}

function entryOf(
  context: Context,
  { setup, message, options }: { setup: ChatSetup; message: string; options: ChatSendOptions },
): OutboxEntry {
  const room_id = options.room ?? parsePublicRoomId(context.config.client.room) ?? GENERAL_ROOM;
  const destination = options.to === undefined ? { room_id } : { to: options.to };
  const reply = options.reply_to === undefined ? {} : { reply_to: options.reply_to };
  return { client_id: setup.newId(), destination, message, created_at: new Date().toISOString(), ...reply };
}

/** The message's fate: stored, with its ack if this process has seen it, or refused. Throws the MangahubError of one that waits. */
async function deliver(context: Context, setup: ChatSetup, entry: OutboxEntry): Promise<Ack | "stored"> {
  try {
    const work: SingleCommand<Ack>["work"] = async ({ client, outcomes }) => {
      const outcome = outcomes.get(entry.client_id) ?? (await outcomeElsewhere(client, setup, entry));
      if (outcome instanceof ClientError) throw outcome;
      return outcome;
    };
    return await runSingleCommand(context, { setup, work, fresh: entry });
  } catch (error) {
    if (!(error instanceof MangahubError)) throw error;
    if (keptEntry(setup, entry)?.refusal !== undefined) throw keptApart(error, entry.client_id);
    // Whoever is somebody else after the login must not say it then, and whoever is told that it failed says it again.
    if (isTurnedAway(error)) setup.outbox.remove(entry.client_id);
    else if (error.exit !== "unreachable" && error.exit !== "refused") throw error;
    if (keptEntry(setup, entry) === undefined) {
      if (error.exit === "unreachable") return "stored";
      throw error;
    }
    throw new MangahubError("kept", `the message is kept, not delivered: ${error.message}`, {
      hint: "the next command against this server delivers it; see mangahub chat outbox",
      cause: error,
    });
  }
}

/** Whether the server let nobody in under this identity, and will not do so later either. */
function isTurnedAway({ exit, cause }: MangahubError): boolean {
  return exit === "not_authenticated" || (exit === "refused" && cause instanceof ClientError && !cause.retryable);
}

/**
 * What became of a message that another process of the same person took out of the outbox, or may be delivering now. The
 * hub knows its id and gives the ack again.
 */
async function outcomeElsewhere(client: WebSocketClient, setup: ChatSetup, entry: OutboxEntry): Promise<Ack> {
  const kept = keptEntry(setup, entry);
  if (kept === undefined) return sendEntry(client, entry);
  const { refusal } = kept;
  if (refusal !== undefined) throw new ClientError(refusal.code, refusal.message, { failure: refusal });
  throw new ClientError("timeout", "the server did not acknowledge it in time", { retryable: true });
}

function keptEntry({ outbox }: ChatSetup, { client_id }: OutboxEntry): OutboxEntry | undefined {
  return outbox.entries().find((kept) => kept.client_id === client_id);
}

function report(context: Context, { destination }: OutboxEntry, outcome: Ack | "stored"): void {
  // Another process has its ack.
  if (outcome === "stored") return;
  const { json, output } = context;
  if (json) output.printJson(outcome);
  // A script needs no word of success; a person does.
  else if (output.isErrorTerminal) output.say(`sent to ${destinationName(destination)} (message ${outcome.seq})`);
}

/** The text is not lost: it is kept apart from what waits, and sent only if its author says so. */
function keptApart({ message, hint, cause }: MangahubError, client_id: string): MangahubError {
  const kept = `the message is kept: mangahub chat outbox --retry sends it again, --drop ${client_id} gives it up`;
  return new MangahubError("refused", message, { hint: hint === undefined ? kept : `${hint}; ${kept}`, cause });
}
