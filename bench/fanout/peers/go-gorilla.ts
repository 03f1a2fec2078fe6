// Go with Gin and gorilla/websocket, as Debian packages them (golang-go, golang-github-gin-gonic-gin-dev,
// golang-github-gorilla-websocket-dev).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const SOURCE = "bench/fanout/peers/go-gorilla/main.go";
const DEBIAN_GOPATH = "/usr/share/gocode";
const LIBRARIES = ["gin-gonic/gin", "gorilla/websocket"];

/** Builds the server into the directory and answers the program's path; or says why there is none. */
export function buildGoGorilla(directory: string): { readonly program: string } | { readonly missing: string } {
  const missing = LIBRARIES.filter((name) => !existsSync(join(DEBIAN_GOPATH, "src/github.com", name)));
  if (missing.length > 0) return { missing: `${missing.join(" and ")} not in ${DEBIAN_GOPATH}` };
  const program = join(directory, "go-gorilla");
  const env = {
    ...process.env,
    GO111MODULE: "off",
    GOPATH: DEBIAN_GOPATH,
    GOFLAGS: "",
    GOCACHE: join(directory, "go"),
  };
  const built = spawnSync("go", ["build", "-o", program, SOURCE], { env, encoding: "utf8" });
  if (built.status === null) return { missing: "there is no go" };
  return built.status === 0 ? { program } : { missing: `go build failed: ${built.stderr.trim()}` };
}
