import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { hostname } from "node:os";
import type { Config, WrittenConfig } from "../config/schema.js";
import { completeConfig } from "../config/complete.js";
import type { ChatMessage } from "../protocol/chat-message.js";
import { messagesOf } from "../protocol/durable-event.js";
import { VERSION } from "../protocol/version.js";
import type { SessionResolver } from "./auth/resolver-gate.js";
import { ChatServerError } from "./chat-server-error.js";
import { type Engine, startEngine } from "./engine.js";
import { type AuthMode, createRequestListener } from "./http/request-listener.js";
import { guardedStore } from "./guarded-store.js";
import type { Readiness } from "./http/readiness.js";
import type { Hub } from "./hub/hub.js";
import { HubAccess } from "./hub-access.js";
import { createOwnServer, type Listening, listenOn } from "./listening.js";
import type { Store } from "./log/event-log.js";
import { openMemoryStore } from "./log/memory/memory-store.js";
import { openSqliteStore, type SqliteStore } from "./log/sqlite/sqlite-store.js";
import { isLoopbackHost } from "./sockets/address.js";
import { draftOf, type ServerMessage } from "./server-message.js";
import { CONTRADICTION, TrustedProxies } from "./sockets/forwarded.js";
import { namesOfMachine, type OriginRule, originFault } from "./sockets/origin.js";
import { guardedLogger } from "./telemetry/guarded-logger.js";
import { type Logger, silentLogger } from "./telemetry/logger.js";
import { takeUpgrades } from "./upgrades.js";

type Written = { readonly [Group in keyof WrittenConfig]?: Partial<WrittenConfig[Group]> | WrittenConfig[Group] };

export type ChatServerOptions = {
  /** The database file. Without one, and without a store, messages live as long as the server. */
  readonly database?: string;
  /** A store of your own; the server closes it when it stops. */
  readonly store?: Store;
  /** Settings that differ from the defaults, as mangahub.config.yaml has them. */
  readonly settings?: Written;
  /** All settings, loaded already; `settings` is then ignored. */
  readonly config?: Config;
  /** Silent by default. */
  readonly logger?: Logger;
  /**
   * Says who sends an upgrade request, by sessions of your own; null for nobody. Asked once a connection, and given 3 s;
   * what it throws is logged and counts as null. It goes before the setting `auth.mode`.
   */
  readonly sessionResolver?: SessionResolver;
};

/** A chat hub. It starts nothing before `listen` or `attach`. */
export class ChatServer extends HubAccess {
  /** Resolves when the server has stopped, by `stop` or by itself (setting `linger`). */
  readonly closed: Promise<void>;
  /**
   * Answers plain HTTP requests: /health, /live, /ready and, with accounts, /api/auth. `listen` does so by itself; on a server of your own,
   * call it for those paths.
   */
  readonly handleRequest: (request: IncomingMessage, response: ServerResponse) => void;
  readonly #options: ChatServerOptions;
  readonly #config: Config;
  readonly #logger: Logger;
  readonly #proxies: TrustedProxies;
  #onClosed: () => void = () => {};
  #engine: Promise<Engine> | undefined;
  #running: Engine | undefined;
  #listens = false;
  #own: Server | undefined;
  #loopbackOnly = false;
  readonly #machineNames = namesOfMachine(hostname());
  #lingering: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  readonly #detach = new Set<() => void>();
  #hasFailed = false;

  constructor(options: ChatServerOptions) {
    super();
    this.#options = options;
    this.#config = options.config ?? completeConfig(options.settings ?? {});
    this.#logger = guardedLogger(options.logger ?? silentLogger);
    this.#proxies = new TrustedProxies(this.#config.websocket.trusted_proxies);
    this.handleRequest = this.#requestListener();
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }

  /**
   * Takes over the upgrades of `/ws` and `/ws/:room` of a server that exists; everything else stays its own. Resolves
   * when the database is open; upgrades that come earlier wait for it. Rejects with ChatServerError (`already_attached`),
   * DatabaseLocked or DatabaseUnusable, or if the server has been stopped: then nothing is taken over, and it may be tried again.
   */
  async attach(server: Server): Promise<void> {
    if (this.#stopping !== undefined) throw stopped();
    const detach = takeUpgrades(server, () => this.#running ?? this.#open());
    this.#detach.add(detach);
    try {
      if (this.#hasFailed) this.#engine = undefined;
      this.#hasFailed = false;
      await this.#open();
    } catch (error) {
      detach();
      this.#detach.delete(detach);
      throw error;
    }
  }

  /**
   * Opens the database and listens. Without arguments: on the configured host and port; port 0 takes a free one.
   * Rejects with ChatServerError (`port_in_use`, `guests_not_allowed`, `cannot_listen`, `tls_unusable`), DatabaseLocked,
   * DatabaseUnusable.
   */
  async listen(address: { readonly host?: string; readonly port?: number } = {}): Promise<Listening> {
    const { host = this.#config.websocket.host, port = this.#config.websocket.port } = address;
    if (this.#listens || this.#stopping !== undefined) {
      throw new Error("this server has listened before: make a new one");
    }
    this.#loopbackOnly = isLoopbackHost(host);
    if (!this.#loopbackOnly && this.#authMode === "open" && !this.#config.websocket.allow_guests) {
      const message = `${host} is reachable from other machines, and everybody is a guest here (auth.mode is open)`;
      throw new ChatServerError("guests_not_allowed", message);
    }
    this.#listens = true;
    try {
      const own = await createOwnServer({ config: this.#config, logger: this.#logger, proxies: this.#proxies });
      this.#own = own.server;
      if (this.#stopping !== undefined) throw new Error("the server was stopped before it listened");
      own.server.on("request", this.handleRequest);
      this.#detach.add(own.release);
      this.#detach.add(takeUpgrades(own.server, () => this.#running ?? this.#open(), own.onUpgrade));
      // The port first: a second server then fails on it before it touches the database.
      const listening = await listenOn(own, { host, port });
      if (this.#stopping !== undefined) {
        own.server.close();
        throw new Error("the server was stopped before it listened");
      }
      await this.#open();
      this.#announce(listening.url);
      this.#linger(0);
      return listening;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  protected get hub(): Hub | undefined {
    return this.#running?.hub;
  }

  /** Whether people should be sent here now, as /ready answers it: reads from the log, writes nothing. Never rejects. */
  async checkReadiness(): Promise<Readiness> {
    if (this.#stopping !== undefined) return { status: "stopping", checks: {} };
    return this.#running?.readiness.run() ?? { status: "starting", checks: {} };
  }

  /**
   * Says something in a public room, as the server itself or as whoever is named. Resolves when it is stored; rejects
   * with a TypeError that says what is wrong with it, or with LogUnavailable.
   */
  async sendMessage(message: ServerMessage): Promise<ChatMessage> {
    const draft = draftOf(message);
    const { hub } = await this.#open();
    const room = await hub.rooms.open(draft.room_id);
    room.pins += 1;
    try {
      const result = await hub.delivery.append({ ...draft, created_ms: hub.now() });
      if (result.status === "conflict") throw new Error("a message without a client_id cannot conflict");
      const [stored] = messagesOf([result.event]);
      if (stored === undefined) throw new Error("the log answered a message with another event");
      return stored;
    } finally {
      room.pins -= 1;
    }
  }

  /** Lets everybody finish, stores what was accepted, and closes. Calling it twice is one stop. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#lingering);
    const closed = new Promise<void>((resolve) => {
      if (this.#own?.listening === true) this.#own.close(() => resolve());
      else resolve();
    });
    // An engine that could not start has nothing to stop; its error went to whoever wanted it.
    const engine = await this.#engine?.catch(() => undefined);
    try {
      if (engine === undefined) await this.#options.store?.close();
      else await engine.stop();
    } finally {
      for (const detach of this.#detach) detach();
      this.#own?.closeAllConnections();
      await closed;
      this.#onClosed();
    }
  }

  #open(): Promise<Engine> {
    // What nobody would ever stop again is not started.
    if (this.#engine === undefined && this.#stopping !== undefined) return Promise.reject(stopped());
    this.#engine ??= this.#start().catch((error: unknown) => {
      this.#hasFailed = true;
      throw error;
    });
    return this.#engine;
  }

  async #start(): Promise<Engine> {
    const store = await this.#openStore();
    const originRule = () => this.#originRule();
    const onCountChange = (count: number) => this.#linger(count);
    const { sessionResolver } = this.#options;
    const own = { config: this.#config, logger: this.#logger, handlers: this.handlers, proxies: this.#proxies };
    this.#running = startEngine({ ...own, store, sessionResolver, originRule, onCountChange });
    return this.#running;
  }

  async #openStore(): Promise<Store> {
    const { store, database } = this.#options;
    if (store !== undefined) return guardedStore(store);
    if (database === undefined) return openMemoryStore();
    const { linger } = this.#config;
    const holder = { pid: process.pid, version: VERSION, ...(linger > 0 ? { linger_ms: linger } : {}) };
    const { durable } = this.#config.database;
    this.#sqlite = await openSqliteStore({ path: database, holder, durable });
    return this.#sqlite;
  }

  #sqlite: SqliteStore | undefined;

  #announce(url: string): void {
    this.#sqlite?.announce(url);
  }

  /** The setting `linger`: the server ends by itself that long after the last client has left. */
  #linger(connections: number): void {
    clearTimeout(this.#lingering);
    const { linger } = this.#config;
    if (linger === 0 || connections > 0 || this.#stopping !== undefined) return;
    this.#lingering = setTimeout(() => {
      this.stop().catch((error: unknown) => this.#logger.error({ err: error }, "the hub did not stop cleanly"));
    }, linger);
  }

  get #authMode(): AuthMode {
    return this.#options.sessionResolver === undefined ? this.#config.auth.mode : "resolver";
  }

  #originRule(): OriginRule {
    const { allowed_origins, public_hosts } = this.#config.websocket;
    return {
      allowed_origins,
      public_hosts: public_hosts.map((name) => name.toLowerCase()),
      machine_names: this.#machineNames,
      loopback_only: this.#loopbackOnly,
      may_carry_token: this.#authMode === "resolver",
    };
  }

  #requestListener(): (request: IncomingMessage, response: ServerResponse) => void {
    return createRequestListener({
      logger: this.#logger,
      auth: this.#authMode,
      linger_ms: this.#config.linger,
      isStopping: () => this.#stopping !== undefined,
      countConnections: () => this.getClientCount(),
      checkReadiness: () => this.checkReadiness(),
      running: async () => {
        const { hub, identity } = await this.#open();
        const { server_id, upkeep } = hub.store;
        return { server_id, upkeep, authApi: identity.api };
      },
      faultOf: (request: IncomingMessage) => {
        const remote = this.#proxies.remoteOf(request);
        if (remote === undefined) return CONTRADICTION;
        return originFault({ ...remote, origin: request.headers.origin }, this.#originRule());
      },
    });
  }
}

function stopped(): Error {
  return new Error("this server has been stopped: make a new one");
}

/** A chat hub for a program of your own: `listen` by itself, or `attach` to its HTTP server. */
export function createChatServer(options: ChatServerOptions = {}): ChatServer {
  return new ChatServer(options);
}
