import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { changeFile, setInText } from "../../config/edit.js";
import type { ClientError } from "../../client/client-error.js";
import type { LocalStore } from "../../local/local-store.js";
import { GENERAL_ROOM, parsePublicRoomId } from "../../protocol/room-id.js";
import type { OutboxEntry } from "../../session/outbox.js";
import { Session, type SessionEnd } from "../../session/session.js";
import { type Account, findAccount, keepLoggedIn } from "../account.js";
import type { ChatJoinOptions } from "../chat-options.js";
import {
  type ChatSetup,
  connectError,
  openChat,
  openLocal,
  startingHub,
  suggestedName,
  whyFailed,
} from "../chat-setup.js";
import { logWarnings } from "../client-log.js";
import { canStartHub, type Context, serverAddress } from "../context.js";
import { movedSentence } from "../moved-server.js";
import { MangahubError } from "../mangahub-error.js";

type Joining = {
  readonly context: Context;
  readonly options: ChatJoinOptions;
  readonly account: Account | undefined;
  readonly local: LocalStore;
};
type ChatEnd = { readonly interrupted: boolean } & SessionEnd;

/** `mangahub chat join`: talks in a room until the person leaves; on the whole screen where there is one. */
export async function chatJoin(context: Context, options: ChatJoinOptions): Promise<void> {
  const account = await findAccount(context);
  const joining = { context, options, account, local: openLocal(context) };
  const stopKeeping = account === undefined ? undefined : keepLoggedIn(context, account);
  try {
    const { end, kept } = hasScreen(context, options) ? await joinOnScreen(joining) : await joinPlainly(joining);
    if (end.error !== undefined) throw await whyFailed(context, end.error);
    if (end.interrupted) throw new MangahubError("interrupted", "left by a signal; what was not delivered is kept");
    reportKept(kept());
  } finally {
    stopKeeping?.();
    joining.local.close();
  }
}

function hasScreen({ stdin, output, env, json }: Context, { plain }: ChatJoinOptions): boolean {
  return stdin.isTTY && output.isTerminal && env["TERM"] !== "dumb" && !plain && !json;
}

/** How the chat was left, and what is not delivered. */
type Left = { readonly end: ChatEnd; readonly kept: () => readonly OutboxEntry[] };

async function joinPlainly(joining: Joining): Promise<Left> {
  const { context } = joining;
  const setup = await openChat(context, joining);
  const session = createSession(joining, setup);
  const { PlainChat } = await import("../plain/plain-chat.js");
  const dumb = context.env["TERM"] === "dumb";
  const chat = new PlainChat(session, { ...context, dumb });
  return { end: await startingHub(context, () => chat.run()), kept: () => setup.outbox.entries() };
}

async function joinOnScreen(joining: Joining): Promise<Left> {
  const { context, local, account } = joining;
  // The heap's nursery stays small: a chat runs for hours beside other programs, and 20 MB less cost it no time.
  setFlagsFromString("--semi-space-growth-factor=1");
  const { runTui } = await import("../../tui/app/run-tui.js");
  const suggestion = account === undefined ? suggestedName(context, local) : undefined;
  const unlog = logWarnings(join(context.paths.data_dir, "client.log"));
  let kept: Left["kept"] = () => [];
  const end = await runTui({
    stdin: context.stdin,
    stdout: context.output.takeTerminal(),
    env: context.env,
    suggestedName: suggestion,
    createSession: async (name) => {
      // The next commands are to be the same person; the system's own name needs no word.
      if (name !== undefined && name !== suggestion)
        await changeFile(context.paths.config_file, (text) => setInText(text, "client.name", name));
      const setup = await openChat(context, { ...joining, name });
      kept = () => setup.outbox.entries();
      const session = createSession(joining, setup);
      return { session, connect: (signal) => connect(context, session, signal) };
    },
  }).finally(unlog);
  return { end, kept };
}

/** A server of somebody's own naming is waited for, in sight of the chat; the hub of this machine is there, or started. */
async function connect(context: Context, session: Session, signal: AbortSignal): Promise<void> {
  const start = async (): Promise<void> => {
    if (!signal.aborted) await session.start();
  };
  if (canStartHub(context)) return startingHub(context, start);
  await start().catch(async (error: unknown) => Promise.reject(await whyFailed(context, error)));
}

function createSession({ context, options, local, account }: Joining, setup: ChatSetup): Session {
  const { url, identity } = setup;
  const cache = setup.openCache();
  const recoverServer = async (): Promise<void> => {
    const { ensureHub } = await import("../hub-process.js");
    await ensureHub(context);
  };
  const retryFirst = hasScreen(context, options) && !canStartHub(context);
  return new Session(
    {
      ...setup,
      cache,
      createClient: (username) => setup.createClient(username, { resume: cache.points(), retryFirst, calls: true }),
      self: { user_id: identity.user_id, username: setup.username },
      local_name: account === undefined ? identity.name : undefined,
      server_url: serverAddress(context).url,
      recogniseServer: (server_id) => movedSentence(url, local.recognise(url, server_id)),
      rememberName: (username) => local.rememberUsername(identity, { url }, username),
      company: context.config.client,
      send_receipts: context.config.client.send_receipts,
      now: Date.now,
      ...(canStartHub(context) ? { recoverServer } : { explainWait }),
    },
    options.room ?? parsePublicRoomId(context.config.client.room) ?? GENERAL_ROOM,
  );
}

/** The failure and what to do about it, as single commands say them on stderr. */
function explainWait(error: ClientError): string {
  const told = connectError(error);
  return told instanceof MangahubError && told.hint !== undefined ? `${told.message}\n${told.hint}` : error.message;
}

/** The chat ended well, but not everything that was typed has reached the server. What was refused is not on its way. */
function reportKept(kept: readonly OutboxEntry[]): void {
  const refused = kept.filter(({ refusal }) => refusal !== undefined).length;
  const waiting = kept.length - refused;
  const apart = refused === 0 ? "" : `${counted(refused)} refused by the server and kept apart`;
  const hint = "mangahub chat outbox shows them; --retry sends again, --drop ID or --drop all gives up";
  if (waiting > 0) {
    const text = `${counted(waiting)} kept and not delivered yet`;
    throw new MangahubError("kept", [text, apart].filter((part) => part !== "").join("; "), {
      hint:
        refused === 0
          ? "the next command against this server delivers them; see mangahub chat outbox"
          : `what waits is delivered by the next command against this server; ${hint}`,
    });
  }
  if (refused > 0) throw new MangahubError("refused", apart, { hint });
}

function counted(count: number): string {
  return count === 1 ? "1 message is" : `${count} messages are`;
}
