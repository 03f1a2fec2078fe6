// Loaded into a hub before it starts: each SIGUSR2 collects garbage and prints what is left, in bytes.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
let count = 0;

process.on("SIGUSR2", () => {
  collect();
  collect();
  count += 1;
  const { heapUsed, rss } = process.memoryUsage();
  process.stdout.write(`${JSON.stringify({ type: "heap", count, heap: heapUsed, rss })}\n`);
});
