import type { Session } from "../../session/session.js";
import { TerminalScreen } from "../screen/terminal-screen.js";
import { themeOf } from "../theme.js";
import { askName } from "./ask-name.js";
import { ChatApp, type ChatEnd } from "./chat-app.js";

/** What the full-screen chat is given by the program around it. */
export type Surroundings = {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A name to offer to somebody who has none yet; undefined if the name is known. */
  readonly suggestedName: string | undefined;
  /** Makes the session, under the name chosen if one was asked for. */
  readonly createSession: (name: string | undefined) => Promise<TuiSession> | TuiSession;
};

/** A session, and what brings it to life; the signal says that nobody waits for it any more. */
export type TuiSession = {
  readonly session: Session;
  readonly connect: (signal: AbortSignal) => Promise<void>;
};

/** The chat on the whole screen, until the person leaves; the terminal is then as it was. Rejects as the session does. */
export async function runTui({ stdin, stdout, env, suggestedName, createSession }: Surroundings): Promise<ChatEnd> {
  const screen = new TerminalScreen({ stdin, stdout });
  const theme = themeOf(env);
  screen.open();
  try {
    const name = suggestedName === undefined ? undefined : await askName({ screen, theme, suggestedName });
    if (name === "left" || name === "ended") return { interrupted: name === "ended" };
    const { session, connect } = await createSession(name?.chosen);
    return await new ChatApp({ session, screen, theme, connect }).run();
  } finally {
    await screen.close();
  }
}
