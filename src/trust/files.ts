// SPDX-License-Identifier: Apache-2.0
// What a host knows of whom it trusts, in `trust/` of its state directory, for its owner alone:
//
//   authorities.crt   whom this host believes; several while one takes over from another
//   host.crt, host.key   who it is itself
//   authority.crt, authority.key   only where hosts are let in; next.crt, next.key   those that are to take over
//   invitations/<hash>   there, too: one for each host that may still come: until when, and as whom
//   members/<name>   there, too: who was let in, with which invitation, and its certificates
//   revoked   there, too: the certificates that are believed no more
//   revocations, revoked.crl   the list of these as hosts pass it on, and for servers
//   seeds   elsewhere: where the store of the cluster is, as the host said that has let this one in
//   joining   elsewhere, until this host was let in: the key that it asks with, and the invitation
//   entrance   elsewhere: where the host is that lets others in and renews certificates

import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import {
  certificatesIn,
  certify,
  fingerprintOf,
  isOfEntrance,
  type KeyAndCertificate,
  type KeyPair,
  makeAuthority,
  makeKey,
  type Subject,
} from "./certificate.ts";
import { isVouchedFor, makeRevocations, parseRevocations, type Revocations, type Revoked } from "./revocation.ts";
import { keyHash, renderToken, secretHash } from "./token.ts";

/** For whatever speaks TLS: files in PEM. */
export interface TrustPaths {
  readonly authorities: string;
  readonly certificate: string;
  readonly key: string;
}

export interface Invitation {
  readonly untilMs: number;
  /** The only name under which it can be used; absent: any that is free. */
  readonly hostname?: string;
}

const day = 24 * 60 * 60_000;
const authorityMs = 3650 * day;
const hostMs = 90 * day;
const limitBytes = 1024 * 1024;

export class TrustFiles {
  readonly #host: Host;
  readonly #root: string;
  readonly #signal: AbortSignal;
  #using: Promise<unknown> = Promise.resolve();

  constructor(host: Host, prefix: string, signal: AbortSignal) {
    this.#host = host;
    this.#root = `${prefix}/trust`;
    this.#signal = signal;
  }

  get paths(): TrustPaths {
    const path = (name: string): string => `${this.#root}/${name}`;
    return { authorities: path("authorities.crt"), certificate: path("host.crt"), key: path("host.key") };
  }

  /** Whether this host is in a cluster. */
  async isMember(): Promise<boolean> {
    return (await this.#read("host.crt")) !== undefined;
  }

  /** Undefined: this host lets nobody in. */
  async authority(): Promise<KeyAndCertificate | undefined> {
    const [key, certificate] = [await this.#read("authority.key"), await this.#read("authority.crt")];
    return key === undefined || certificate === undefined ? undefined : { key, certificate };
  }

  /** Made when this host has none and is in no cluster. Fails with `invalid` on a host that was let in itself. */
  async ensureAuthority(): Promise<KeyAndCertificate> {
    const known = await this.authority();
    if (known !== undefined) return known;
    if (await this.isMember()) {
      throw new Failure("This host was let into its cluster by another one.", {
        code: "invalid",
        hint: `Do it on the host where the cluster began, which is ${(await this.entrance()) ?? "not known here"}.`,
      });
    }
    const made = this.#makeAuthority();
    await this.#believe([made.certificate]);
    await this.#write("authority.key", made.key);
    await this.#write("authority.crt", made.certificate);
    return made;
  }

  /**
   * One step of the way to another authority: at first the next one is made known, so that every host believes both when it
   * renews its certificate; then it takes over. `forgetFormer` ends it.
   */
  async rotateAuthority(): Promise<"announced" | "switched"> {
    const present = await this.ensureAuthority();
    const next = { key: await this.#read("next.key"), certificate: await this.#read("next.crt") };
    if (next.key === undefined || next.certificate === undefined) {
      const made = this.#makeAuthority();
      await this.#believe([present.certificate, made.certificate]);
      await this.#write("next.key", made.key);
      await this.#write("next.crt", made.certificate);
      return "announced";
    }
    await this.#believe([next.certificate, present.certificate]);
    await this.#write("authority.key", next.key);
    await this.#write("authority.crt", next.certificate);
    await this.#remove("next.crt");
    await this.#remove("next.key");
    const revoked = parsed<readonly RevokedCertificate[]>(await this.#read("revoked")) ?? [];
    await this.#publish({ key: next.key, certificate: next.certificate }, revoked);
    return "switched";
  }

  /** Only the present authority is believed from now on. Returns how many were others. */
  async forgetFormer(): Promise<number> {
    const authority = await this.authority();
    if (authority === undefined) return 0;
    const others = (await this.authorities()).length - 1;
    await this.#believe([authority.certificate]);
    await this.#remove("next.crt");
    await this.#remove("next.key");
    return Math.max(0, others);
  }

  async authorities(): Promise<readonly string[]> {
    return certificatesIn((await this.#read("authorities.crt")) ?? "");
  }

  async own(): Promise<KeyAndCertificate | undefined> {
    const [key, certificate] = [await this.#read("host.key"), await this.#read("host.crt")];
    return key === undefined || certificate === undefined ? undefined : { key, certificate };
  }

  /** The certificate goes last: without it this host is in no cluster. */
  async keepOwn(own: KeyAndCertificate, authorities: readonly string[]): Promise<void> {
    await this.#believe(authorities);
    await this.#write("host.key", own.key);
    await this.#write("host.crt", own.certificate);
  }

  /** Of the host where the authority is, and where others are let in. Again when a third of its time is left, or other addresses are wanted. */
  async ensureOwn(name: string, addresses: readonly string[]): Promise<void> {
    const authority = await this.ensureAuthority();
    const own = await this.own();
    const isRight = own !== undefined && !this.needsRenewal(own) && isFor(own.certificate, authority, [name, ...addresses]); // biome-ignore format: one line
    if (isRight && isOfEntrance(new X509Certificate(own.certificate))) return;
    const { key, publicKey } = makeKey();
    // Whoever asked for others before needs them still.
    const former = own === undefined ? [] : addressesOf(own.certificate);
    const subject = { name, addresses: [...addresses, ...former], isEntrance: true };
    const certificate = this.#certify(authority, subject, publicKey);
    await this.keepOwn({ key, certificate }, await this.authorities());
  }

  /** For another host. */
  certify(authority: KeyAndCertificate, name: string, addresses: readonly string[], publicKey: string): string {
    return this.#certify(authority, { name, addresses }, publicKey);
  }

  #certify(authority: KeyAndCertificate, subject: Subject, publicKey: string): string {
    const fromMs = this.#host.clock.now();
    const validity = { fromMs, untilMs: fromMs + hostMs };
    return certify(authority, subject, publicKey, validity, this.#host.random.bytes(15));
  }

  needsRenewal({ certificate }: KeyAndCertificate): boolean {
    return this.renewAtMs(certificate) <= this.#host.clock.now();
  }

  renewAtMs(certificate: string): number {
    const { validFrom, validTo } = new X509Certificate(certificate);
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
    return from + ((to - from) * 2) / 3;
  }

  // ---- Invitations ----

  /** A token that lets one host in. */
  async invite(invitation: Invitation): Promise<string> {
    const authority = await this.ensureAuthority();
    const secret = this.#host.random.bytes(16);
    await this.#write(`invitations/${secretHash(secret)}`, `${JSON.stringify(invitation)}\n`);
    return renderToken({ secret, authority: fingerprintOf(new X509Certificate(authority.certificate)) });
  }

  /** Uses it up: whoever asks first has it, and nobody has it twice, also over a crash. */
  useInvitation(secret: Uint8Array): Promise<Invitation | undefined> {
    const used = this.#using.then(() => this.#use(secret));
    this.#using = used.catch(() => {});
    return used;
  }

  async #use(secret: Uint8Array): Promise<Invitation | undefined> {
    const name = `invitations/${secretHash(secret)}`;
    const text = await this.#read(name);
    if (text === undefined) return undefined;
    await this.#remove(name);
    try {
      const { untilMs, hostname } = JSON.parse(text) as Invitation;
      if (typeof untilMs !== "number" || untilMs < this.#host.clock.now()) return undefined;
      return { untilMs, ...(hostname === undefined ? {} : { hostname }) };
    } catch {
      return undefined;
    }
  }

  // ---- Who was let in ----

  async hasMember(name: string): Promise<boolean> {
    return (await this.#read(`members/${name}`)) !== undefined;
  }

  /** `used`: what it was let in with, and for how long the same may be asked again. */
  async addMember(name: string, used: Joining & { readonly untilMs: number }): Promise<void> {
    // What was given to a former machine of that name can still be called back.
    const former = parsed<object>(await this.#read(`members/${name}`));
    const joined: Joined = { secret: secretHash(used.secret), key: keyHash(used.publicKey), untilMs: used.untilMs };
    const member = { ...former, atMs: this.#host.clock.now(), joined };
    await this.#write(`members/${name}`, `${JSON.stringify(member)}\n`);
  }

  /** It was let in with just this, and asks again: it has not heard the answer. */
  async hasJoined(name: string, { secret, publicKey }: Joining): Promise<boolean> {
    const joined = parsed<{ readonly joined?: Joined }>(await this.#read(`members/${name}`))?.joined;
    return (
      joined?.secret === secretHash(secret) &&
      joined.key === keyHash(publicKey) &&
      this.#host.clock.now() <= joined.untilMs
    );
  }

  /** So that it can be called back. */
  async noteIssued(name: string, certificate: string): Promise<void> {
    const { serialNumber: serial, validTo } = new X509Certificate(certificate);
    const member = parsed<{ readonly certificates?: readonly Issued[] }>(await this.#read(`members/${name}`));
    const known = (member?.certificates ?? []).filter(({ untilMs }) => untilMs > this.#host.clock.now());
    const certificates = [...known, { serial, untilMs: Date.parse(validTo) }];
    await this.#write(`members/${name}`, `${JSON.stringify({ ...member, certificates })}\n`);
  }

  // ---- Who was removed ----

  /** None of its certificates is believed any more, as soon as others hear of it. Fails with `not-found` for a host that was never let in. */
  async revokeMember(name: string): Promise<Revocations> {
    const authority = await this.ensureAuthority();
    const text = await this.#read(`members/${name}`);
    const member = parsed<{ readonly certificates?: readonly Issued[] }>(text);
    const revoked = parsed<readonly RevokedCertificate[]>(await this.#read("revoked")) ?? [];
    if (text === undefined && !revoked.some((each) => each.name === name)) {
      throw new Failure(`No host ${name} was let into the cluster here.`, { code: "not-found" });
    }
    const nowMs = this.#host.clock.now();
    const more = (member?.certificates ?? []).map((issued) => ({ ...issued, name, atMs: nowMs }));
    const all = [...revoked.filter(({ untilMs }) => untilMs > nowMs), ...more];
    await this.#write("revoked", `${JSON.stringify(all)}\n`);
    const revocations = await this.#publish(authority, all);
    await this.#remove(`members/${name}`);
    return revocations;
  }

  async isRevoked(serial: string): Promise<boolean> {
    const revoked = parsed<readonly RevokedCertificate[]>(await this.#read("revoked")) ?? [];
    return revoked.some((each) => each.serial === serial);
  }

  /** Where the authority is there is always a list, if only an empty one. */
  async ensureRevocations(): Promise<void> {
    const authority = await this.authority();
    if (authority !== undefined && (await this.revocations()) === undefined) await this.#publish(authority, []);
  }

  /** The list that is in force here. */
  async revocations(): Promise<Revocations | undefined> {
    return parseRevocations(parsed(await this.#read("revocations")));
  }

  /** Of another host; true when it is a later one than ours, and of an authority that we believe. */
  async takeRevocations(revocations: Revocations): Promise<boolean> {
    const known = await this.revocations();
    if (known !== undefined && known.number >= revocations.number) return false;
    if (!isVouchedFor(revocations, await this.authorities())) return false;
    await this.#keepRevocations(revocations);
    return true;
  }

  async #publish(authority: KeyAndCertificate, revoked: readonly Revoked[]): Promise<Revocations> {
    const number = ((await this.revocations())?.number ?? 0) + 1;
    const revocations = makeRevocations(authority, number, revoked, this.#host.clock.now());
    await this.#keepRevocations(revocations);
    return revocations;
  }

  /** The list for servers first: whoever has the number has it, too. */
  async #keepRevocations(revocations: Revocations): Promise<void> {
    await this.#write("revoked.crl", revocations.list);
    await this.#write("revocations", `${JSON.stringify(revocations)}\n`);
  }

  async entrance(): Promise<string | undefined> {
    return (await this.#read("entrance"))?.trim();
  }

  /** The same whenever it is asked for the same invitation, until `doneJoining`: it may have to be shown twice. */
  async joiningKey(secret: Uint8Array): Promise<KeyPair> {
    const known = parsed<KeyPair & { readonly invitation: string }>(await this.#read("joining"));
    const invitation = secretHash(secret);
    if (known?.invitation === invitation) return known;
    const made = makeKey();
    await this.#write("joining", `${JSON.stringify({ ...made, invitation })}\n`);
    return made;
  }

  doneJoining(): Promise<void> {
    return this.#remove("joining");
  }

  async seeds(): Promise<readonly string[]> {
    return ((await this.#read("seeds")) ?? "").split("\n").filter((line) => line !== "");
  }

  async keepSeeds(urls: readonly string[]): Promise<void> {
    if (urls.length > 0) await this.#write("seeds", urls.map((url) => `${url}\n`).join(""));
  }

  async keepEntrance(address: string): Promise<void> {
    await this.#write("entrance", `${address}\n`);
  }

  // ---- Files ----

  #makeAuthority(): KeyAndCertificate {
    const { clock, random } = this.#host;
    const fromMs = clock.now();
    const name = `mgmt cluster ${Buffer.from(random.bytes(4)).toString("hex")}`;
    return makeAuthority(name, { fromMs, untilMs: fromMs + authorityMs }, random.bytes(15));
  }

  #believe(authorities: readonly string[]): Promise<void> {
    return this.#write("authorities.crt", authorities.map((each) => `${each.trim()}\n`).join(""));
  }

  async #remove(name: string): Promise<void> {
    await this.#host.files.remove(`${this.#root}/${name}`, {}, this.#signal);
  }

  async #read(name: string): Promise<string | undefined> {
    try {
      return Buffer.from(await this.#host.files.read(`${this.#root}/${name}`, limitBytes, this.#signal)).toString();
    } catch (reason) {
      if (reason instanceof Failure && reason.code === "not-found") return undefined;
      throw reason;
    }
  }

  async #write(name: string, text: string): Promise<void> {
    const { files } = this.#host;
    const path = `${this.#root}/${name}`;
    const directory = path.slice(0, path.lastIndexOf("/"));
    if ((await files.inspect(directory, this.#signal)) === undefined) {
      await files.createDirectory(directory, { mode: 0o700, parents: true }, this.#signal);
    }
    await files.write(path, Buffer.from(text), { mode: 0o600, durable: true }, this.#signal);
  }
}

/** What somebody shows who is to be let in. */
interface Joining {
  readonly secret: Uint8Array;
  readonly publicKey: string;
}

/** Of both there are only hashes. */
interface Joined {
  readonly secret: string;
  readonly key: string;
  readonly untilMs: number;
}

interface Issued {
  readonly serial: string;
  readonly untilMs: number;
}

interface RevokedCertificate extends Issued, Revoked {
  readonly name: string;
}

/** Half a file is none. */
function parsed<Content>(text: string | undefined): Content | undefined {
  try {
    return text === undefined ? undefined : (JSON.parse(text) as Content);
  } catch {
    return undefined;
  }
}

/** Names and addresses that a certificate is for. */
export function addressesOf(certificate: string): readonly string[] {
  const listed = new X509Certificate(certificate).subjectAltName?.split(", ") ?? [];
  return listed.flatMap((each) => /^(?:DNS|IP Address):(.*)$/.exec(each)?.[1] ?? []);
}

function isFor(certificate: string, authority: KeyAndCertificate, addresses: readonly string[]): boolean {
  const parsed = new X509Certificate(certificate);
  return (
    parsed.verify(new X509Certificate(authority.certificate).publicKey) &&
    addresses.every((each) => (isIP(each) === 0 ? parsed.checkHost(each) : parsed.checkIP(each)) !== undefined)
  );
}
