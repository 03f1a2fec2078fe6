import { afterEach } from "vitest";
import { type ChatServer, type ChatServerOptions, createChatServer } from "../../src/server/server.js";
import { RawClient, type RawOptions } from "./raw-client.js";

export type Visit = RawOptions & {
  /** The room in the path. */
  readonly room?: string;
  /** user_id and username. */
  readonly name?: string;
  readonly user_id?: string;
  readonly key?: string;
  readonly query?: string;
};

export type TestHub = {
  readonly server: ChatServer;
  readonly url: string;
  readonly http: string;
  /** Opens a socket, whatever comes of it. */
  readonly dial: (visit?: Visit) => RawClient;
  /** Opens a socket and waits until the hub has said `connected`. */
  readonly join: (visit?: Visit) => Promise<RawClient>;
  /** As a program written to seed 1: no subprotocol. */
  readonly joinPlainly: (visit: Visit) => Promise<RawClient>;
};

/** Real hubs on free ports, and their clients; all end with the test. Limits are off unless a test sets them. */
export function provideChatServers() {
  const ends: (() => Promise<unknown> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function startHub(options: ChatServerOptions = {}): Promise<TestHub> {
    const settings = { limits: { enabled: false }, ...options.settings };
    const server = createChatServer({ ...options, settings });
    ends.push(() => server.stop());
    const { url } = await server.listen({ port: 0 });
    return hubAt(server, url);
  }

  function hubAt(server: ChatServer, url: string): TestHub {
    const dial = (visit: Visit = {}): RawClient => {
      const client = new RawClient(urlOf(url, visit), {
        ...visit,
        headers: { ...visit.headers, ...(visit.key === undefined ? {} : { authorization: `Bearer ${visit.key}` }) },
      });
      ends.push(() => client.ws.terminate());
      return client;
    };
    const join = async (visit: Visit = {}): Promise<RawClient> => {
      const client = dial(visit);
      await client.next("connected");
      return client;
    };
    const joinPlainly = async (visit: Visit): Promise<RawClient> => {
      const before = server.getClientCount();
      const client = await dial({ ...visit, protocol: null }).opened();
      // A room says nothing to a newcomer; its own first message is the first sign of a seat.
      client.sendText(JSON.stringify({ message: `hello ${before}` }));
      await client.take((frame) => (frame as { message?: string }).message === `hello ${before}`);
      return client;
    };
    return { server, url, http: url.replace(/^ws/, "http"), dial, join, joinPlainly };
  }

  return { startHub, hubAt, onEnd: (end: () => Promise<unknown> | void) => void ends.push(end) };
}

function urlOf(url: string, { room, name, user_id = name?.toLowerCase(), query = "" }: Visit): string {
  const names = new URLSearchParams();
  if (user_id !== undefined) names.set("user_id", user_id);
  if (name !== undefined) names.set("username", name);
  return `${url}/ws${room === undefined ? "" : `/${room}`}?${names}${query === "" ? "" : `&${query}`}`;
}
