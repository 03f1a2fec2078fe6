#!/usr/bin/env node
// Plain JavaScript that any Node can parse, so that an old one gets a clear line instead of a syntax error.
import { existsSync } from "node:fs";

const built = new URL("../dist/bin/main.js", import.meta.url);
const [major, minor] = process.versions.node.split(".").map(Number);

if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`mangahub: this is Node ${process.versions.node}; mangahub needs 20.19 or newer`);
  process.exitCode = 1;
} else if (!existsSync(built)) {
  console.error("mangahub: not built yet: run npm run build");
  process.exitCode = 1;
} else {
  const { main } = await import(built.href);
  await main();
}
