import { join } from "node:path";
import { userInfo } from "node:os";
import { nanoid } from "nanoid";
import { ClientError } from "../client/client-error.js";
import { WebSocketClient } from "../client/node.js";
import type { Identity } from "../local/identities.js";
import { LocalStoreUnusable } from "../local/local-store-unusable.js";
import { type LocalStore, openLocalStore } from "../local/local-store.js";
import type { ResumePoint } from "../protocol/command.js";
import { parseUsername, USERNAME_RULE } from "../protocol/user-id.js";
import type { HistoryCache } from "../session/history-cache.js";
import { withFreeName } from "../session/next-name.js";
import type { Outbox, OutboxEntry } from "../session/outbox.js";
import { type Account, findAccount } from "./account.js";
import { canStartHub, type Context, serverAddress } from "./context.js";
import type { ExitName } from "./exit-code.js";
import { MangahubError } from "./mangahub-error.js";
import { movedSentence } from "./moved-server.js";
import { whyNotLetIn } from "./not-let-in.js";
import { deliverOutbox, type Outcomes } from "./outbox-delivery.js";

/** What the chat commands share: who one is, which server, and what is kept for the two. */
export type ChatSetup = {
  readonly url: string;
  readonly local: LocalStore;
  readonly identity: Identity;
  /** The name last accepted by this server, or the identity's own. */
  readonly username: string;
  readonly outbox: Outbox;
  /** Opens a connection of its own to the file: only for those who read or fill it. */
  readonly openCache: () => HistoryCache;
  readonly createClient: (username: string, options?: ClientChoices) => WebSocketClient;
  readonly newId: () => string;
};

/** Where a client resumes, whether it goes on trying when the server cannot be reached at first, and whether it is called. */
type ClientChoices = {
  readonly resume?: readonly ResumePoint[];
  readonly retryFirst?: boolean;
  readonly calls?: boolean;
};

/** What a caller knows already: the store it has opened, a name that was asked for, who is logged in. */
type Known = {
  readonly local?: LocalStore;
  readonly name?: string | undefined;
  readonly account?: Account | undefined;
};

/** Opens what is kept for the person who uses this server: an account that is logged in, else a guest. */
export async function openChat(context: Context, known?: Known): Promise<ChatSetup> {
  const { url } = serverAddress(context);
  const account = known === undefined ? await findAccount(context) : known.account;
  const local = known?.local ?? openLocal(context);
  const identity = account === undefined ? guest(context, local, known?.name) : identityOf(account);
  const server = local.server(url);
  const requestTimeoutMs = context.config.client.answer_timeout;
  const createClient = (username: string, choices: ClientChoices = {}) => {
    const keys = account === undefined ? local.keysFor(identity, server) : { key: account.token };
    const client = new WebSocketClient(url, identity.user_id, username, { ...keys, requestTimeoutMs, ...choices });
    client.setCallbacks({ onKeyReplaced: () => local.forgetFormerKey(identity, server) });
    return client;
  };
  return {
    url,
    local,
    identity,
    username: account === undefined ? local.usernameFor(identity, server) : account.username,
    outbox: local.outbox(identity, server),
    openCache: () => local.cache(identity, server),
    createClient,
    newId: nanoid,
  };
}

/** As `openChat`, for commands that can do without a server: then nobody knows whose a named token is. */
export async function openChatToRead(context: Context): Promise<ChatSetup> {
  try {
    return await openChat(withoutStarting(context));
  } catch (error) {
    if (!(error instanceof MangahubError) || error.exit !== "unreachable") throw error;
    return openChat(context, {});
  }
}

/** Of the name given, else of the one in the settings, else of the system's. */
function guest(context: Context, local: LocalStore, name = chosenName(context)): Identity {
  return local.identity(name);
}

function identityOf({ user_id, username }: Account): Identity {
  return { name: username, username, user_id };
}

/** The name to suggest to somebody who is here for the first time, empty for root, who is nobody; undefined for everybody else. */
export function suggestedName(context: Context, local: LocalStore): string | undefined {
  if (context.config.client.name !== "" || local.hasIdentities) return undefined;
  return process.getuid?.() === 0 ? "" : systemName();
}

/** Opens the person's own store. Throws MangahubError. */
export function openLocal({ paths }: Context): LocalStore {
  try {
    return openLocalStore(join(paths.data_dir, "client.db"));
  } catch (error) {
    if (error instanceof LocalStoreUnusable) throw new MangahubError("failure", error.message, { cause: error });
    throw error;
  }
}

/** A connection for a single command, and what became of the messages that waited for one. */
type Reached = { readonly client: WebSocketClient; readonly outcomes: Outcomes };

/** What a single command does over its connection. */
export type SingleCommand<T> = {
  readonly setup: ChatSetup;
  readonly work: (reached: Reached) => Promise<T>;
  /** A message written a moment ago: it is for whichever server answers now, older ones for the one they were written to. */
  readonly fresh?: OutboxEntry;
};

/**
 * Connects without joining a room, delivers what waits in the outbox, and does the command's work. A hub of this machine
 * that is not running is started, if the settings let it. The connection ends with the work, however that ends, and each
 * step has a deadline, whatever the server answers or does not. Throws MangahubError.
 */
export async function runSingleCommand<T>(context: Context, { setup, work, fresh }: SingleCommand<T>): Promise<T> {
  const client = await startingHub(context, () => connectNamed(context, setup, fresh));
  try {
    const outcomes = await deliverOutbox(client, setup.outbox, context.config.client.answer_timeout);
    return await work({ client, outcomes });
  } catch (error) {
    throw connectError(error);
  } finally {
    await client.disconnect();
  }
}

function connectNamed(context: Context, setup: ChatSetup, fresh: OutboxEntry | undefined): Promise<WebSocketClient> {
  return withFreeName(setup.username, async (username) => {
    const client = setup.createClient(username);
    try {
      const { server, user } = await client.connectOnly();
      const moved = recognise(setup, server.server_id, fresh);
      if (moved !== undefined) context.output.say(moved);
      setup.local.rememberUsername(setup.identity, { url: setup.url }, user.username);
      return client;
    } catch (error) {
      await client.disconnect();
      throw error;
    }
  });
}

/** The sentence to say, if there is one. */
function recognise(
  { local, outbox, url }: ChatSetup,
  server_id: string,
  fresh: OutboxEntry | undefined,
): string | undefined {
  const before = local.server(url).server_id;
  const isAnother = before !== undefined && before !== server_id;
  if (isAnother && fresh !== undefined) outbox.remove(fresh.client_id);
  const recognised = local.recognise(url, server_id);
  if (isAnother && fresh !== undefined) outbox.add(fresh);
  return movedSentence(url, recognised);
}

/**
 * Runs what connects; when nobody is there and it is ours to start, starts a hub and runs it again. Whoever is there on
 * the local port but is no hub of this version is named as what it is.
 */
export async function startingHub<T>(context: Context, connect: () => Promise<T>): Promise<T> {
  let failed: unknown;
  try {
    return await connect();
  } catch (error) {
    failed = error;
  }
  const isAbsent = isClientError(failed, "unreachable");
  const isStrange = isClientError(failed, "incompatible") && serverAddress(context).local;
  if (!isStrange && !(isAbsent && canStartHub(context))) throw await whyFailed(context, failed);
  // Loaded only now: a hub that runs is the usual case, and it is reached without this.
  const { ensureHub, nameStranger } = await import("./hub-process.js");
  if (isStrange) await nameStranger(context);
  else await ensureHub(context);
  return connect().catch(async (error: unknown) => Promise.reject(await whyFailed(context, error)));
}

/** As `connectError`, and of somebody who was not let in the server is asked what it wants. */
export async function whyFailed(context: Context, error: unknown): Promise<unknown> {
  const isRefused = error instanceof ClientError && error.code === "not_authenticated";
  return isRefused ? whyNotLetIn(context, error, openLocal) : connectError(error);
}

/** The same context for commands that only look: the database can be read without a hub, so none is started. */
export function withoutStarting(context: Context): Context {
  const client = { ...context.config.client, start_hub: false };
  return { ...context, config: { ...context.config, client } };
}

function isClientError(error: unknown, code: string): boolean {
  return error instanceof ClientError && error.code === code;
}

/** A client's failure as the command line reports it; everything else stays what it is. */
export function connectError(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error;
  const { exit, hint } = distrusted(error) ?? ADVICE[error.code] ?? { exit: "refused" };
  return new MangahubError(exit, error.message, hint === undefined ? { cause: error } : { cause: error, hint });
}

type Advice = { readonly exit: ExitName; readonly hint?: string };

/** The server's certificate was not accepted: neither starting a server nor trying again mends that. */
function distrusted({ cause }: ClientError): Advice | undefined {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  if (!/CERT|SIGNED|VERIFY/.test(code)) return undefined;
  const hint =
    "its certificate is not trusted here, or is for another name; NODE_EXTRA_CA_CERTS=ca.pem trusts an authority of your own";
  return { exit: "unreachable", hint };
}

const ADVICE: Readonly<Record<string, Advice>> = {
  unreachable: { exit: "unreachable", hint: "is the server running, and the address right? start one: mangahub serve" },
  timeout: { exit: "unreachable", hint: "the server did not answer in time; try again" },
  unavailable: { exit: "unreachable", hint: "the server has trouble of its own; try again later" },
  incompatible: { exit: "unreachable", hint: "look at --server, and compare the versions: mangahub --version" },
  not_authenticated: { exit: "not_authenticated" },
  name_taken: {
    exit: "refused",
    hint: "choose another with --name; whoever had it here before keeps it by keeping the data directory, or with a token",
  },
  closed: { exit: "interrupted" },
};

/** Who one is without a login: `--name`, the setting, or the system user's name. */
export function chosenName(context: Context): string {
  const written = context.config.client.name === "" ? systemName() : context.config.client.name;
  const name = parseUsername(written);
  if (name !== undefined) return name;
  throw new MangahubError("usage", `${JSON.stringify(written)} is no name`, {
    hint: `a name is ${USERNAME_RULE}: --name nami`,
  });
}

function systemName(): string {
  try {
    // A system's user may be called john.doe; what cannot stand in a name becomes `_`.
    return parseUsername(userInfo().username.replace(/[^\p{L}\p{M}\p{N}_-]+/gu, "_")) ?? "reader";
  } catch {
    // A user id without an entry in the system's user list, as in some containers.
    return "reader";
  }
}
