import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { makeCertificate, writeCertificate } from "../support/certificate.js";
import { newMachine } from "../support/machine.js";

describe("mangahub serve with a certificate", () => {
  it("announces wss://, and clients that trust it talk; others are told why not", async () => {
    const machine = await newMachine();
    const { cert, key } = await writeCertificate(makeCertificate());
    const hub = await machine.serve(["--tls-cert", cert, "--tls-key", key]);
    const url = machine.url.replace("ws:", "wss:");
    expect(hub.stdout.lines[0]).toContain(`mangahub listens on ${url} `);
    const trust = { NODE_EXTRA_CA_CERTS: cert };
    const sent = await machine.run(["chat", "send", "hi", "--server", url], { env: trust });
    expect(sent).toMatchObject({ code: 0 });
    const distrusting = await machine.run(["chat", "rooms", "--server", url]);
    expect(distrusting.code).toBe(4);
    expect(distrusting.stderr).toMatch(
      /cannot reach wss:.*certificate\n {2}its certificate is not trusted here.*NODE_EXTRA_CA/,
    );
    const plain = await machine.run(["chat", "rooms", "--server", machine.url]);
    expect(plain.code).toBe(4);
  });

  it("that cannot be used ends with the setting's name and the way out", async () => {
    const machine = await newMachine();
    const missing = await machine.run(["serve", "--tls-cert", "no.pem", "--tls-key", "no.key"]);
    expect(missing.code).toBe(3);
    expect(missing.stderr).toMatch(
      /^mangahub: tls\.cert: no\.pem cannot be read \(ENOENT\)\n {2}tls\.cert and tls\.key/,
    );
    await writeFile(machine.file("mangahub.config.yaml"), "websocket:\n  port: 0\ntls:\n  cert: a.pem\n");
    const half = await machine.run(["serve"]);
    expect(half.code).toBe(3);
    expect(half.stderr).toMatch(
      /mangahub\.config\.yaml:4: tls\.key is ""; allowed: the key's PEM file, for tls\.cert is set/,
    );
  });
});
