import type { CommandPayload } from "../../src/protocol/command.js";
import type { ServerEvent } from "../../src/protocol/event.js";
import type { EndedCall } from "../../src/server/hub/calls/call.js";
import { Calls, type CallSettings } from "../../src/server/hub/calls/calls.js";
import type { Device } from "../../src/server/hub/device.js";
import { fakeDevice, type FakeOutlet } from "./fake-device.js";
import { VirtualRuntime } from "./virtual-runtime.js";

type Phone = Device & { readonly outlet: FakeOutlet };

/** Calls of a hub without a hub: devices that keep what they are told, and time that passes when told to. */
export class CallStage {
  readonly runtime = new VirtualRuntime();
  readonly calls: Calls;
  /** What each device was told, the answers to its commands left out. */
  readonly heard = new Map<Device, ServerEvent[]>();
  /** Ids of those who are invisible. */
  readonly hidden = new Set<string>();
  readonly ended: EndedCall[] = [];
  readonly #devices = new Map<string, Set<Device>>();

  constructor(settings: Partial<CallSettings> = {}) {
    this.calls = new Calls({
      people: { devicesOf: (user_id) => this.#devices.get(user_id) ?? new Set() },
      isHidden: (user_id) => this.hidden.has(user_id),
      send: (devices, event) => {
        for (const device of devices) this.heard.get(device)?.push(event);
      },
      settings: { ring_timeout: 45_000, grace: 10_000, max_calls: 100, ...settings },
      now: this.runtime.now,
      elapsedMs: this.runtime.elapsedMs,
      startTimer: (ms, onTime) => this.runtime.setTimer(onTime, ms),
      onEnded: (call) => this.ended.push(call),
    });
  }

  /** A device of somebody, which wants calls unless told otherwise. */
  connect(name: string, connection_id: string, wantsCalls = true): Phone {
    const device = fakeDevice(name, connection_id);
    const { user_id } = device.user;
    this.#devices.set(user_id, (this.#devices.get(user_id) ?? new Set()).add(device));
    this.heard.set(device, []);
    if (wantsCalls) this.listen(device);
    return device;
  }

  /** The device subscribes to calls. */
  listen(device: Device): void {
    device.topics.add("calls");
    this.calls.joinRinging(device);
  }

  disconnect(device: Device): void {
    this.#devices.get(device.user.user_id)?.delete(device);
    device.is_gone = true;
    device.topics.clear();
    this.calls.lose(device);
  }

  /** Calls the other one. Gives the answer: a state, or the code of an error. */
  call(device: Device, to: Device, call_id = "c1"): string {
    const payload = { call_id, to: to.user.user_id, sdp: `offer of ${device.connection_id}` };
    return answerOf((reply) => this.calls.start({ device, payload, reply }, to.user));
  }

  answer(device: Device, call_id = "c1"): string {
    const payload = { call_id, sdp: `answer of ${device.connection_id}` };
    return answerOf((reply) => this.calls.answer({ device, payload, reply }));
  }

  offerAgain(device: Device, sdp = "again", call_id = "c1"): string {
    return answerOf((reply) => this.calls.offerAgain({ device, payload: { call_id, sdp }, reply }));
  }

  ice(device: Device, candidate: string | null, call_id = "c1"): string {
    return answerOf((reply) => this.calls.candidate({ device, payload: { call_id, candidate }, reply }));
  }

  hangUp(device: Device, reason?: CommandPayload<"call.hangup">["reason"], call_id = "c1"): string {
    return answerOf((reply) => this.calls.hangUp({ device, payload: { call_id, reason }, reply }));
  }

  /** What a device was told, in words: `call.ice a`, `call.ended gone`. */
  words(device: Device): string[] {
    return (this.heard.get(device) ?? []).map(inWords);
  }
}

function answerOf(ask: (reply: (event: ServerEvent) => void) => void): string {
  const answers: string[] = [];
  ask((event) => answers.push(inWords(event)));
  return answers.join(" and ");
}

function inWords({ type, payload }: ServerEvent): string {
  if (type === "call.ack") return payload.state;
  if (type === "error") return payload.code;
  if (type === "call.ended") return `${type} ${payload.reason}`;
  if (type === "call.ice") return `${type} ${textOf(payload.candidate)}`;
  return "sdp" in payload ? `${type} ${textOf(payload.sdp)}` : type;
}

function textOf(signal: unknown): string {
  return typeof signal === "string" ? signal : JSON.stringify(signal);
}
