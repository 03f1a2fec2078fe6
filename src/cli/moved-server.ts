import type { Recognised } from "../local/servers.js";

/** What to tell the person when a server answers that says to be one known by another address; undefined otherwise. */
export function movedSentence(url: string, { namesakes }: Recognised): string | undefined {
  const [known] = namesakes;
  if (known === undefined) return undefined;
  return (
    `${url} says that it is the server known here as ${known}, which anybody can say: what is kept for that one stays ` +
    `there. If it has moved: ${moveCommand(known, url)}`
  );
}

/** The command by which a person says that a server has moved. */
export function moveCommand(from: string, to: string): string {
  return `mangahub server move ${from} ${to}`;
}
