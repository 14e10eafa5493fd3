// SPDX-License-Identifier: Apache-2.0
// Makes certificates, of two forms alone: that of an authority, and that of a host which it vouches for. Keys are on the curve
// P-256, which everything that speaks TLS knows. Certificates are read and compared by the runtime.

import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from "node:crypto";
import { isIP } from "node:net";
import { bits, boolean, explicit, implicit, integer, objectId, octets, sequence, setOf, time, utf8 } from "./der.ts";

/** In PEM. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

export interface Subject {
  /** Of a host: its name in the cluster. */
  readonly name: string;
  /** Names and addresses under which it is called; its own name is one. */
  readonly addresses: readonly string[];
  /** It lets others in. Only whoever has the authority makes itself such a one. */
  readonly isEntrance?: boolean;
}

export interface Validity {
  readonly fromMs: number;
  readonly untilMs: number;
}

const organization = "mgmt";
/** Stands among the names that a certificate is for. */
const entranceMark = "mgmt:entrance";
/** Clocks differ. */
const backMs = 5 * 60_000;

/** In PEM. */
export interface KeyPair {
  readonly key: string;
  readonly publicKey: string;
}

export function makeKey(): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
  };
}

/** Vouches for itself. `serial`: 16 bytes of chance. */
export function makeAuthority(name: string, validity: Validity, serial: Uint8Array): KeyAndCertificate {
  const { key, publicKey } = makeKey();
  const subject = nameOf(name);
  const certificate = signed({
    serial,
    issuer: subject,
    subject,
    validity,
    publicKey: createPublicKey(publicKey),
    extensions: [
      extension("2.5.29.19", true, sequence(boolean(true), integer(Uint8Array.of(0)))), // An authority, for hosts alone.
      extension("2.5.29.15", true, bits(Uint8Array.of(0b0000_0110), 1)), // It signs certificates and lists.
      extension("2.5.29.14", false, octets(keyHash(createPublicKey(publicKey)))),
    ],
    key,
  });
  return { key, certificate };
}

/** `publicKey` in PEM: the host keeps the other half for itself. */
export function certify(
  authority: KeyAndCertificate,
  { name, addresses, isEntrance = false }: Subject,
  publicKey: string,
  validity: Validity,
  serial: Uint8Array,
): string {
  const issuer = new X509Certificate(authority.certificate);
  const key = createPublicKey(publicKey);
  const alternatives = [...new Set([name, ...addresses])].map((each) =>
    isIP(each) === 0 ? implicit(2, new TextEncoder().encode(each)) : implicit(7, addressBytes(each)),
  );
  const marks = isEntrance ? [implicit(6, new TextEncoder().encode(entranceMark))] : [];
  return signed({
    serial,
    issuer: nameOf(authorityName(issuer)),
    subject: nameOf(name),
    validity,
    publicKey: key,
    extensions: [
      extension("2.5.29.19", true, sequence()), // No authority.
      extension("2.5.29.15", true, bits(Uint8Array.of(0b1000_0000), 7)), // It signs what it says.
      // A server and a client: hosts are both for each other.
      extension("2.5.29.37", false, sequence(objectId("1.3.6.1.5.5.7.3.1"), objectId("1.3.6.1.5.5.7.3.2"))),
      extension("2.5.29.17", false, sequence(...alternatives, ...marks)),
      extension("2.5.29.14", false, octets(keyHash(key))),
      extension("2.5.29.35", false, sequence(implicit(0, keyHash(issuer.publicKey)))),
    ],
    key: authority.key,
  });
}

/** The name of the host or authority that a certificate is for. */
export function subjectName(certificate: X509Certificate): string | undefined {
  return /^CN=(.+)$/m.exec(certificate.subject)?.[1];
}

/** Whether its authority has made it for the host that lets others in, and not for any of them. */
export function isOfEntrance({ subjectAltName }: X509Certificate): boolean {
  return subjectAltName?.split(", ").includes(`URI:${entranceMark}`) === true;
}

/** Whether this private key, in PEM, is the other half. */
export function isForKey(certificate: X509Certificate, key: string): boolean {
  return certificate.checkPrivateKey(createPrivateKey(key));
}

/** By which an authority is known to those who have never met it: SHA-256 of its public key. */
export function fingerprintOf(certificate: X509Certificate): Uint8Array {
  return createHash("sha256")
    .update(certificate.publicKey.export({ type: "spki", format: "der" }))
    .digest();
}

/** Several certificates in PEM, one after the other. */
export function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
}

function authorityName(certificate: X509Certificate): string {
  return subjectName(certificate) ?? "";
}

// ---- The parts ----

interface Parts {
  readonly serial: Uint8Array;
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly validity: Validity;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Uint8Array[];
  /** Of whoever vouches, in PEM. */
  readonly key: string;
}

export const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));

function signed({ serial, issuer, subject, validity, publicKey, extensions, key }: Parts): string {
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))), // Version 3.
    integer(Uint8Array.of(1, ...serial)), // Positive, and of one length.
    ecdsaWithSha256,
    issuer,
    sequence(time(validity.fromMs - backMs), time(validity.untilMs)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    explicit(3, sequence(...extensions)),
  );
  const whole = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, key)));
  const base64 = Buffer.from(whole).toString("base64").replaceAll(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`;
}

export function nameOf(name: string): Uint8Array {
  const attribute = (id: string, value: string): Uint8Array => setOf(sequence(objectId(id), utf8(value)));
  return sequence(attribute("2.5.4.10", organization), attribute("2.5.4.3", name));
}

export function extension(id: string, isCritical: boolean, content: Uint8Array): Uint8Array {
  return sequence(objectId(id), ...(isCritical ? [boolean(true)] : []), octets(content));
}

export function keyHash(key: KeyObject): Uint8Array {
  return createHash("sha1")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();
}

function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split("."), Number);
  const [head = "", tail] = address.toLowerCase().split("::");
  const groupsOf = (text: string): readonly number[] =>
    text
      .split(":")
      .filter((group) => group !== "")
      .flatMap((group) => {
        if (!group.includes(".")) return [Number.parseInt(group, 16)];
        const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
        return [(a << 8) | b, (c << 8) | d];
      });
  const [before, after] = [groupsOf(head), groupsOf(tail ?? "")];
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}
