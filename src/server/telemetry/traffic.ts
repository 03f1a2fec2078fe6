/** What has gone through a hub since it started. Plain sums, so that counting costs nothing on the way of a message. */
export class Traffic {
  /** Events that the log has taken. */
  stored = 0;
  /** Events handed to connections, as they happened or out of the log for who had fallen behind: once for each reader. */
  delivered = 0;
}
