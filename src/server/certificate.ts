import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Server } from "node:https";
import { createSecureContext } from "node:tls";
import { expandHome } from "../config/paths.js";
import { ChatServerError } from "./chat-server-error.js";
import type { Logger } from "./telemetry/logger.js";

/** The settings `tls`: paths of PEM files. */
export type CertificateFiles = { readonly cert: string; readonly key: string };

/** What the files hold: the certificate with those that vouch for it, and its key. */
export type Certificate = { readonly cert: string; readonly key: string; readonly expires_ms: number };

/** Reads and checks both. Throws a ChatServerError (`tls_unusable`) that names the file; never a key's content. */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  // One after the other: of two that cannot be read, it is always the first that is named.
  const cert = await readPem("tls.cert", files.cert, "-----BEGIN CERTIFICATE-----");
  const key = await readPem("tls.key", files.key, "PRIVATE KEY-----");
  const certificate = parsed(() => new X509Certificate(cert), `tls.cert: ${files.cert} is damaged`);
  const isProtected = key.includes("ENCRYPTED");
  const fault = isProtected
    ? "is protected by a passphrase: store it without one, readable by the hub alone"
    : "is damaged";
  const privateKey: KeyObject = parsed(() => createPrivateKey(key), `tls.key: ${files.key} ${fault}`);
  if (!certificate.checkPrivateKey(privateKey)) {
    throw unusable(`tls.key: ${files.key} does not belong to the certificate ${files.cert}`);
  }
  // Whatever else OpenSSL has against them shows here, and not at the first connection.
  parsed(() => createSecureContext({ cert, key }), `tls.cert: ${files.cert} cannot be used`);
  return { cert, key, expires_ms: Date.parse(certificate.validTo) };
}

/**
 * Looks every `every_ms` whether the files have changed, and uses the new ones for new connections; a pair that cannot be used
 * is logged, and the old one stays. Also says when the certificate has run out. Returns what ends this.
 */
export function renewCertificate(
  server: Server,
  first: Certificate,
  how: { readonly files: CertificateFiles; readonly every_ms: number; readonly logger: Logger },
): () => void {
  const { files, every_ms, logger } = how;
  let current = first;
  const look = async (): Promise<void> => {
    try {
      const found = await readCertificate(files);
      if (found.cert === current.cert && found.key === current.key) return warnOfEnd(current, logger);
      current = found;
      server.setSecureContext(found);
      logger.info({ expires: new Date(found.expires_ms).toISOString() }, "the TLS certificate was renewed");
    } catch (error) {
      logger.warn({ err: error }, "the TLS certificate could not be read again: the old one stays in use");
    }
  };
  warnOfEnd(first, logger);
  const timer = setInterval(() => void look(), every_ms).unref();
  return () => clearInterval(timer);
}

function warnOfEnd({ expires_ms }: Certificate, logger: Logger): void {
  if (expires_ms > Date.now()) return;
  logger.warn({ expires: new Date(expires_ms).toISOString() }, "the TLS certificate has run out: clients refuse it");
}

async function readPem(setting: string, path: string, mark: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(resolve(expandHome(path)), "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no reason given";
    throw unusable(`${setting}: ${path} cannot be read (${code})`, error);
  }
  if (!text.includes(mark)) throw unusable(`${setting}: ${path} holds no "${mark}": a PEM file is needed`);
  return text;
}

function parsed<T>(parse: () => T, fault: string): T {
  try {
    return parse();
  } catch (error) {
    throw unusable(fault, error);
  }
}

function unusable(message: string, cause?: unknown): ChatServerError {
  return new ChatServerError("tls_unusable", message, { cause });
}
