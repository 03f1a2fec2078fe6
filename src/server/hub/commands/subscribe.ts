import { type Failure, failure } from "../../../protocol/error-code.js";
import type { CommandPayload, ResumePoint } from "../../../protocol/command.js";
import type { ResumeResult } from "../../../protocol/event.js";
import { LIMITS } from "../../../protocol/limits.js";
import type { Mark } from "../../../protocol/mark.js";
import { parseRoomId, roomKind } from "../../../protocol/room-id.js";
import type { Topic } from "../../../protocol/topic.js";
import type { Device } from "../device.js";
import { marksShown } from "../marks-shown.js";
import { type Backlog, fitting, readBacklog, resetOf, sizeOf } from "../resume.js";
import { Room, type Wants } from "../room.js";
import { wantsOf } from "../topics.js";
import { directWants, openReadable } from "./readable-room.js";
import type { HubContext, Request } from "./request.js";

/** Direct rooms that topic `user` brings along, those written to last. */
const DIRECT_ROOMS = 100;

/** As a ResumePoint, but of whatever was named as a room. */
type Wanted = Omit<ResumePoint, "room_id"> & { readonly room_id: string };

type Plan = { readonly result: ResumeResult } | { readonly room: Room; readonly backlog: Backlog };

/**
 * Subscribes to rooms and says for each where the reader stands. First everything is read, while nothing changes for
 * the connection; then, in one synchronous step, what was committed meanwhile is added, the rooms go live, and the
 * answer is written: live events follow it without gap or overlap.
 */
export async function subscribe(hub: HubContext, request: Request<"subscribe">): Promise<void> {
  const { device, command, reply } = request;
  const topics: readonly Topic[] = command.payload.topics ?? ["conversation", "presence"];
  hub.topics.add(device, topics);
  const points = await pointsToResume(hub, device, command.payload);
  const asked = [...points.keys()].filter(isPublic);
  const seated = [...device.rooms].filter(isPublic);
  if (new Set([...asked, ...seated]).size > hub.max_rooms) {
    const tooMany = failure("too_many", `a connection may read ${hub.max_rooms} rooms`, { field: "filters" });
    return reply({ type: "error", payload: tooMany });
  }
  const plans = await readAll(hub, device, [...points.values()]);
  if ("code" in plans) return reply({ type: "error", payload: plans });
  const marks = await readMarks(hub, device, plans);
  if (device.is_gone) return unpin(plans);
  const wants = wantsOf(topics);
  const read = plans.flatMap((plan) => ("backlog" in plan ? plan.backlog.events : []));
  let bytes_left = LIMITS.maxPageBytes - sizeOf(read);
  const rooms = plans.map((plan) => {
    if ("result" in plan) return plan.result;
    const result = goLive(hub, device, { ...plan, wants, bytes_left, marks: marks.get(plan.room.room_id) });
    if ("events" in result) bytes_left -= sizeOf(result.events.slice(plan.backlog.events.length));
    return result;
  });
  unpin(plans);
  reply({ type: "subscribed", payload: { topics: [...topics], rooms } });
  const live = rooms.flatMap((room) => (room.status === "ok" ? (hub.rooms.get(room.room_id) ?? []) : []));
  hub.presence.tellStates(device, live);
}

/** Every room asked for, once, with its resume point if one was given. */
async function pointsToResume(
  hub: HubContext,
  device: Device,
  payload: CommandPayload<"subscribe">,
): Promise<Map<string, Wanted>> {
  const named = payload.filters?.conversation_id ?? [];
  const points = new Map<string, Wanted>();
  for (const room_id of Array.isArray(named) ? named : [named]) points.set(room_id, { room_id });
  if (payload.topics?.includes("user") === true && device.claimed) {
    for (const room_id of await hub.store.members.directRoomsOf(device.user.user_id, DIRECT_ROOMS)) {
      points.set(room_id, { room_id });
    }
  }
  for (const point of payload.resume ?? []) points.set(point.room_id, point);
  return points;
}

async function readAll(hub: HubContext, device: Device, points: readonly Wanted[]): Promise<Plan[] | Failure> {
  const plans: Plan[] = [];
  let max_bytes = LIMITS.maxPageBytes;
  try {
    for (const point of points) {
      const plan = await planFor(hub, device, { point, max_bytes });
      if ("code" in plan) {
        unpin(plans);
        return plan;
      }
      plans.push(plan);
      if ("backlog" in plan) max_bytes -= sizeOf(plan.backlog.events);
    }
    return plans;
  } catch (error) {
    unpin(plans);
    throw error;
  }
}

async function planFor(
  hub: HubContext,
  device: Device,
  { point, max_bytes }: { point: Wanted; max_bytes: number },
): Promise<Plan | Failure> {
  const denied = { result: { status: "denied" as const, room_id: point.room_id } };
  const room_id = parseRoomId(point.room_id);
  if (room_id === undefined) {
    // Looked up like the rooms of others, so that both are told alike.
    await hub.rooms.storedMembers(point.room_id);
    return denied;
  }
  const room = await openReadable(hub, device, room_id);
  if (!(room instanceof Room)) return room.code === "unknown_room" ? denied : room;
  if (room.members.length > 0 && !device.claimed) return denied;
  const want = { point: { ...point, room_id }, max_bytes };
  const reset = resetOf(room, want.point);
  if (reset !== undefined) return { result: reset };
  room.pins += 1;
  try {
    const backlog = await readBacklog(hub.store.events, room, want);
    if (!("status" in backlog)) return { room, backlog };
    room.pins -= 1;
    return { result: backlog };
  } catch (error) {
    room.pins -= 1;
    throw error;
  }
}

/** The last thing that is waited for: what is marked from now on, the rooms' readers are told. */
async function readMarks(hub: HubContext, { user }: Device, plans: readonly Plan[]) {
  try {
    const rooms = plans.flatMap((plan) => ("room" in plan ? [plan.room] : []));
    return await marksShown(hub.store.marks, user.user_id, rooms);
  } catch (error) {
    unpin(plans);
    throw error;
  }
}

type Landing = { room: Room; backlog: Backlog; wants: Wants; bytes_left: number; marks: Mark[] | undefined };

/** The synchronous step for one room: tops up what was read, and goes live if that reaches the head. */
function goLive(hub: HubContext, device: Device, plan: Landing): ResumeResult {
  const { room, backlog, wants, bytes_left, marks } = plan;
  const { room_id, epoch, head } = room;
  const since = room.recent(backlog.upto);
  const count = LIMITS.maxPageEvents - backlog.events.length;
  const more = since === undefined ? [] : fitting(since, { count, bytes: bytes_left });
  // Unchanged, it is the list that others were given, too.
  const events = more.length === 0 ? backlog.events : [...backlog.events, ...more];
  if (more.length !== since?.length) {
    const next = events.at(-1)?.payload.seq ?? backlog.upto;
    return { status: "more", room_id, epoch, events, next };
  }
  const isDirect = room.members.length > 0;
  hub.join(device, room, isDirect ? directWants(device) : wants);
  const members = isDirect ? { members: [...room.members] } : {};
  return { status: "ok", room_id, epoch, head, events, ...members, ...(marks === undefined ? {} : { marks }) };
}

function isPublic(named: string): boolean {
  const room_id = parseRoomId(named);
  return room_id !== undefined && roomKind(room_id) === "public";
}

function unpin(plans: readonly Plan[]): void {
  for (const plan of plans) if ("room" in plan) plan.room.pins -= 1;
}
