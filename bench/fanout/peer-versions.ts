import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const DEBIAN = ["golang-github-gin-gonic-gin-dev", "golang-github-gorilla-websocket-dev", "libnginx-mod-nchan"];

/** What is installed of the others, by name. */
export function peerVersions(): Readonly<Record<string, string>> {
  const found = {
    "socket.io": /"version": "(.*)"/.exec(readFileSync("node_modules/socket.io/package.json", "utf8"))?.[1],
    go: said(["go", "version"], /go([\d.]+)/),
    nginx: said(["nginx", "-v"], /nginx\/([\d.]+)/),
    cc: said(["cc", "--version"], /(\d+\.\d+\.\d+)/),
    ...Object.fromEntries(DEBIAN.map((name) => [name, said(["dpkg-query", "-W", "-f=${Version}", name], /^(\d.*)/)])),
  };
  return Object.fromEntries(
    Object.entries(found).flatMap(([name, version]) => (version === undefined ? [] : [[name, version]])),
  );
}

function said([program = "", ...args]: readonly string[], pattern: RegExp): string | undefined {
  const { stdout, stderr } = spawnSync(program, args, { encoding: "utf8" });
  // nginx says it on stderr; of a program that is not there both are null.
  return pattern.exec(`${stdout ?? ""}${stderr ?? ""}`)?.[1];
}
