/**
 * Where the thread's program is: beside this module, in the library as in the command's bundle. Run from TypeScript
 * (the tests), it is the built one, since a thread is started by Node itself.
 */
export function logWorkerUrl(moduleUrl: string = import.meta.url): URL {
  if (!moduleUrl.endsWith(".ts")) return new URL("./log-worker.js", moduleUrl);
  return new URL("../../../../dist/server/log/sqlite/log-worker.js", moduleUrl);
}
