/** What somebody has written so far, and a way to wait for what comes next. */
export class Transcript {
  text = "";
  #ended = false;
  #waiting: (() => void)[] = [];

  add(part: string): void {
    this.text += part;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Resolves once the text has this, behind the first `from` characters. Rejects when it ends without. */
  async until(wanted: string | RegExp, from = 0): Promise<RegExpExecArray> {
    const pattern = typeof wanted === "string" ? new RegExp(escapeForRegExp(wanted)) : wanted;
    for (;;) {
      const found = pattern.exec(this.text.slice(from));
      if (found !== null) return found;
      if (this.#ended) throw new Error(`it ended without ${String(wanted)}:\n${this.text}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Whole lines so far. */
  get lines(): readonly string[] {
    return this.text.split("\n").slice(0, -1);
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function escapeForRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
