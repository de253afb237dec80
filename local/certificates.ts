import "reflect-metadata"; // @peculiar/x509 requires it to be imported first
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import { randomUUID, webcrypto } from "node:crypto";

/** A new certificate authority and one server certificate signed by it; all PEM. */
export interface ServerCertificate {
  readonly ca: string;
  readonly certificate: string;
  /** PKCS#8, not encrypted. */
  readonly key: string;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/**
 * Creates a new authority and a certificate for `localhost` and 127.0.0.1, valid for a day. Each call creates another
 * authority, so a certificate from one call does not verify under the `ca` of another.
 *
 * @param options.isExpired for tests: a server certificate that expired an hour ago; the authority's is valid
 */
export async function createServerCertificate({ isExpired = false } = {}): Promise<ServerCertificate> {
  const validity = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };
  const caKeys = await generateKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: `CN=todo-rotation local CA ${randomUUID()}`,
    keys: caKeys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, 0, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true)],
  });
  const keys = await generateKeys();
  const certificate = await X509CertificateGenerator.create({
    ...validity,
    ...(isExpired && { notAfter: new Date(Date.now() - hourMs) }),
    subject: "CN=localhost",
    issuer: ca.subject,
    publicKey: keys.publicKey,
    signingKey: caKeys.privateKey,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
      ]),
    ],
  });
  const key = await webcrypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    ca: ca.toString("pem"),
    certificate: certificate.toString("pem"),
    key: PemConverter.encode(key, "PRIVATE KEY"),
  };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}
