import { MeasuredHub } from "../measured-hub.js";
import { forkRole, type Started, spawnServer, stop } from "./child.js";
import { buildGoGorilla } from "./peers/go-gorilla.js";
import { nchanMissing, startNchan } from "./peers/nchan.js";
import { MANGAHUB_V1_WIRE, NCHAN_WIRE, ROOM_WIRE, SOCKET_IO_WIRE, type Wire } from "./wire.js";

/** A server that runs. */
export type Server = {
  readonly port: number;
  readonly pids: readonly number[];
  /** Ends it as a crash would; answers how many messages it has stored, if it stores any. */
  stop(): Promise<number | undefined>;
  /** mangahub alone can be asked what its inside looks like. */
  readonly hub?: MeasuredHub;
};

/** Whom mangahub is measured beside. */
export type Candidate = {
  readonly name: string;
  readonly wire: Wire;
  start(core: string | undefined): Promise<Server>;
};

export const MANGAHUB: Candidate = { name: "mangahub", wire: ROOM_WIRE, start: (core) => startHub(core) };
export const NAIVE_WS: Candidate = nodePeer("naive-ws", ROOM_WIRE);
export const TCP_FLOOR: Candidate = nodePeer("tcp-floor", ROOM_WIRE);

const OURS: readonly Candidate[] = [
  MANGAHUB,
  { name: "mangahub.v1", wire: MANGAHUB_V1_WIRE, start: (core) => startHub(core) },
  NAIVE_WS,
  nodePeer("ws-once", ROOM_WIRE),
  nodePeer("socket.io", SOCKET_IO_WIRE),
];
const FLOORS: readonly Candidate[] = [TCP_FLOOR, nodePeer("tcp-floor-coalesced", ROOM_WIRE)];

/** Everybody there is on this machine, in the order of the table; what is built for it goes into the directory. */
export function findCandidates(directory: string): { all: readonly Candidate[]; skipped: readonly string[] } {
  const found: Candidate[] = [];
  const skipped: string[] = [];
  const go = buildGoGorilla(directory);
  if ("missing" in go) skipped.push(`go-gorilla is skipped: ${go.missing}`);
  else
    found.push({
      name: "go-gorilla",
      wire: ROOM_WIRE,
      start: async (core) => asServer(await spawnServer([go.program], core)),
    });
  const missing = nchanMissing();
  if (missing === undefined) found.push({ name: "nchan", wire: NCHAN_WIRE, start: startNginx });
  else skipped.push(`nchan is skipped: ${missing}`);
  return { all: [...OURS, ...found, ...FLOORS], skipped };
}

/** The hub of a built checkout, as `MANGAHUB` is that of these sources. */
export function builtHub(name: string, build: string): Candidate {
  return { name, wire: ROOM_WIRE, start: (core) => startHub(core, build) };
}

/** The real server with its log on a disk, rate limits off. */
async function startHub(core: string | undefined, build?: string): Promise<Server> {
  const hub = await MeasuredHub.start("sqlite", { cores: core, build });
  return { port: hub.port, pids: [hub.pid], stop: () => hub.kill(), hub };
}

async function startNginx(core: string | undefined): Promise<Server> {
  const { port, pids, end } = await startNchan(core);
  return { port, pids, stop: () => end().then(() => undefined) };
}

function nodePeer(name: string, wire: Wire): Candidate {
  return { name, wire, start: async (core) => asServer(await forkRole(["fanout-peer", name], core)) };
}

function asServer(started: Started): Server {
  const { port, pid } = started;
  return { port, pids: [pid], stop: () => stop(started).then(() => undefined) };
}
