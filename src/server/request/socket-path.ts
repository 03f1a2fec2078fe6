/** `/ws` and everything below it. */
export function isSocketPath(path: string): boolean {
  return path === "/ws" || path.startsWith("/ws/");
}

/** Exactly `/ws`, `/ws/` and `/ws/:room`: what is deeper, such as `/ws/socket.io/`, may be somebody else's. */
export function isHubPath(path: string): boolean {
  return /^\/ws(?:\/[^/]*)?$/.test(path);
}
