// nginx with the module nchan, as Debian packages them (libnginx-mod-nchan): a publish-subscribe server in C.
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type Started, spawnQuietly, stop } from "../child.js";

const MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so";

/** Why it cannot be measured here, if so. */
export function nchanMissing(): string | undefined {
  if (spawnSync("nginx", ["-v"]).status !== 0) return "there is no nginx";
  return existsSync(MODULE) ? undefined : `there is no ${MODULE}`;
}

/** One worker, and each room a channel that its members publish to and read. */
export async function startNchan(core: string | undefined) {
  const directory = mkdtempSync(join(tmpdir(), "mangahub-bench-nchan-"));
  const port = await freePort();
  writeFileSync(join(directory, "nginx.conf"), configFor(directory, port));
  const command = ["nginx", "-p", directory, "-c", join(directory, "nginx.conf"), "-e", join(directory, "error.log")];
  const master: Started = spawnQuietly(command, core, port);
  try {
    await untilListening(port);
    const worker = await childOf(master.pid);
    return { port, pids: [master.pid, worker], end };
  } catch (error) {
    await end();
    throw error;
  }

  async function end(): Promise<void> {
    // Killed, the master would leave its worker behind.
    master.child.kill("SIGTERM");
    await Promise.race([once(master.child, "exit"), delay(3000)]);
    await stop(master);
    rmSync(directory, { recursive: true, force: true });
  }
}

function configFor(directory: string, port: number): string {
  return `load_module ${MODULE};
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${directory}/nginx.pid;
error_log ${directory}/error.log;
events { worker_connections 12000; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location ~ ^/ws/([a-z0-9-]+)$ {
      nchan_pubsub websocket;
      nchan_channel_id $1;
      nchan_subscriber_first_message newest;
    }
  }
}
`;
}

/** nginx cannot choose one and tell. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function untilListening(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const socket = connect(port, "127.0.0.1");
    const isOpen = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    await delay(50);
  }
  throw new Error("nginx did not listen in time");
}

async function childOf(pid: number): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ");
    if (child !== undefined && child !== "") return Number(child);
    await delay(20);
  }
  throw new Error("nginx has started no worker");
}
