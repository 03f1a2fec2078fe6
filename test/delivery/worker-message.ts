/** What a worker process is told at its start, as JSON in its first argument. */
export type WorkerTask = {
  readonly url: string;
  readonly directory: string;
  readonly worker: number;
  /** Counts the processes of this worker. */
  readonly run: number;
  readonly seed: number;
  readonly rooms: readonly string[];
  /** The names of its clients. */
  readonly clients: readonly string[];
  /** Everybody's names, to write to. */
  readonly people: readonly string[];
  /** Between two messages of one client, on average. */
  readonly pace_ms: number;
};

export type ToWorker =
  | { readonly type: "status" }
  | { readonly type: "quiet" }
  | { readonly type: "jump"; readonly by_ms: number }
  | { readonly type: "end" };

/** Where each client stands in its room and its direct rooms, and how much still waits to be sent. */
export type WorkerStatus = {
  readonly type: "status";
  readonly waiting: number;
  readonly places: readonly { readonly client: string; readonly room_id: string; readonly seq: number }[];
};
