/**
 * Why a server does not listen: the port is taken, the address is refused, open to the network without consent, or its
 * certificate cannot be used.
 */
export type ChatServerErrorCode = "port_in_use" | "cannot_listen" | "guests_not_allowed" | "tls_unusable";

export class ChatServerError extends Error {
  override readonly name = "ChatServerError";
  readonly code: ChatServerErrorCode;

  constructor(code: ChatServerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
