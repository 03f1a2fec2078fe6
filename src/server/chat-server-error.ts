/** Why a server does not listen: the port is taken, the address is refused, or open to the network without consent. */
export type ChatServerErrorCode = "port_in_use" | "cannot_listen" | "guests_not_allowed";

export class ChatServerError extends Error {
  override readonly name = "ChatServerError";
  readonly code: ChatServerErrorCode;

  constructor(code: ChatServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
