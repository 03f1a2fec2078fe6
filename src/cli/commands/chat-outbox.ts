import { destinationName, type OutboxEntry } from "../../session/outbox.js";
import type { ChatOutboxOptions } from "../chat-options.js";
import { type ChatSetup, openChat, runSingleCommand } from "../chat-setup.js";
import type { Context } from "../context.js";
import { MangahubError } from "../mangahub-error.js";

/** `mangahub chat outbox`: what is not delivered yet, to this server, in this name. */
export async function chatOutbox(context: Context, options: ChatOutboxOptions): Promise<void> {
  const setup = await openChat(context);
  try {
    if (options.drop !== undefined) drop(setup, options.drop);
    else if (options.retry) await retry(context, setup);
    list(context, setup.outbox.entries());
  } finally {
    setup.local.close();
  }
}

function drop({ outbox }: ChatSetup, id: string): void {
  const dropped = outbox.entries().filter((entry) => id === "all" || entry.client_id === id);
  if (dropped.length === 0 && id !== "all") {
    throw new MangahubError("usage", `there is no message ${JSON.stringify(id)} in the outbox`, {
      hint: "see mangahub chat outbox for the ids",
    });
  }
  for (const entry of dropped) outbox.remove(entry.client_id);
}

async function retry(context: Context, setup: ChatSetup): Promise<void> {
  for (const entry of setup.outbox.entries()) setup.outbox.setRefusal(entry.client_id);
  // To deliver what waits is all there is to do.
  await runSingleCommand(context, { setup, work: async () => {} });
}

function list({ output, json }: Context, entries: readonly OutboxEntry[]): void {
  for (const entry of entries) {
    if (json) output.printJson(entry);
    else output.print(lineOf(entry));
  }
  if (entries.length === 0 && !json) output.say("the outbox is empty");
}

function lineOf({ client_id, destination, message, created_at, refusal }: OutboxEntry): string {
  const state = refusal === undefined ? "waits" : `refused: ${refusal.message}`;
  return `${client_id}  ${created_at.slice(0, 16).replace("T", " ")} UTC  ${destinationName(destination)}  ${message}  (${state})`;
}
