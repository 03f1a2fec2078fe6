import * as z from "zod/mini";

/**
 * What a connection hears of (seed 2). `conversation` and `presence` concern the rooms named beside them; `user` means
 * the user's own direct rooms, present and future.
 */
export const topicSchema = z.enum(["user", "conversation", "presence", "typing", "calls", "notifications"]);

export type Topic = z.infer<typeof topicSchema>;

/** What `/ws/:room` subscribes to by itself, in that room. */
export const ROOM_TOPICS: readonly Topic[] = ["conversation", "presence", "typing"];
