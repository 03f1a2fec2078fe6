import { spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** A small file system of its own, which can be made full; mounting one needs Linux and root. */
export class SmallDisk {
  readonly directory: string;
  readonly #ballast: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.#ballast = join(directory, "ballast");
  }

  /** Undefined where none can be mounted. */
  static mount(directory: string, mebibytes: number): SmallDisk | undefined {
    mkdirSync(directory);
    const options = ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "none", directory];
    const { status } = spawnSync("mount", options, { stdio: "ignore" });
    return status === 0 ? new SmallDisk(directory) : undefined;
  }

  fill(): void {
    const file = openSync(this.#ballast, "a");
    try {
      for (let size = 1024 * 1024; size >= 512; size /= 2) writeUntilFull(file, Buffer.alloc(size));
    } finally {
      closeSync(file);
    }
  }

  empty(): void {
    rmSync(this.#ballast, { force: true });
  }

  unmount(): void {
    spawnSync("umount", ["-l", this.directory], { stdio: "ignore" });
  }
}

function writeUntilFull(file: number, block: Buffer): void {
  try {
    while (writeSync(file, block) === block.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
  }
}
