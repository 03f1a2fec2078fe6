/**
 * Why a server does not listen: the port is taken, the address is refused, open to the network without consent, or its
 * certificate cannot be used; or why it is not attached: the HTTP server has a hub already.
 */
export type ChatServerErrorCode =
  | "port_in_use"
  | "cannot_listen"
  | "guests_not_allowed"
  | "tls_unusable"
  | "already_attached";

export class ChatServerError extends Error {
  override readonly name = "ChatServerError";
  readonly code: ChatServerErrorCode;

  constructor(code: ChatServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
