// SPDX-License-Identifier: Apache-2.0
// What every host must do with other machines over SSH, as cases that run on each.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { SshConnection, SshPlace, TunnelAddress, TunnelTarget } from "../contract/ssh.ts";
import { bytesOf, textOf } from "../values/bytes.ts";
import { fails, never } from "./bench.test-support.ts";

/** Two machines: one that connects, and another one that it reaches. */
export interface SshBench {
  readonly host: Host;
  /** Where one is let in by a key in `~/.ssh`, and by a password. No host key. */
  readonly place: SshPlace;
  readonly password: string;
  /** Base64. */
  readonly hostKey: string;
  /** Of no machine. */
  readonly otherKey: string;
  /** A private key with which nobody is let in. */
  readonly strangeKeyFile: string;
  /** A file that is no private key. */
  readonly noKeyFile: string;
  /** Where somebody listens and says nothing. */
  readonly silent: SshPlace;
  readonly nobody: SshPlace;
  readonly writeKnownHosts: (text: string) => void;
  /** Lines for the shell there. */
  readonly lines: {
    /** Prints "out" and "err", and ends with 3. */
    readonly speakAndFail: string;
    /** Prints what it reads. */
    readonly repeat: string;
    /** Prints "ready", and then does not end for hours. */
    readonly endless: string;
  };
  /** Answers what is asked, on this machine. */
  readonly listenHere: (answer: (text: string) => string) => Promise<TunnelTarget>;
  readonly listenThere: (answer: (text: string) => string) => Promise<TunnelAddress>;
  readonly askThere: (address: TunnelAddress, text: string) => Promise<string | undefined>;
  readonly askHere: (socketPath: string, text: string) => Promise<string | undefined>;
  readonly freePath: () => string;
  readonly setPerson: (person: ((question: string) => string | undefined) | undefined) => void;
  readonly breakOff: () => void;
  readonly pass: (ms: number) => Promise<void>;
  readonly close: () => Promise<void>;
}

export function sshContract(name: string, makeBench: () => Promise<SshBench>): void {
  describe(`SSH of ${name}`, () => {
    const open: SshBench[] = [];
    afterEach(async () => {
      for (const bench of open.splice(0)) await bench.close();
    });
    const check = (title: string, task: (bench: SshBench) => Promise<void>): void => {
      it(title, { timeout: 60_000 }, async () => {
        const bench = await makeBench();
        open.push(bench);
        await task(bench);
      });
    };
    const known = (bench: SshBench): SshPlace => ({ ...bench.place, hostKey: bench.hostKey });

    check("a command ends with its status and what it has printed", async (bench) => {
      const connection = await bench.host.ssh.connect(known(bench), never());
      const pieces: string[] = [];
      const onOutput = (stream: string, bytes: Uint8Array): void => void pieces.push(`${stream}: ${textOf(bytes)}`);
      const { status, endedBy, stdout, stderr } = await connection.run({ line: bench.lines.speakAndFail, onOutput }, never()); // biome-ignore format: one line
      assert.deepEqual([status, endedBy, textOf(stdout), textOf(stderr)], [3, undefined, "out\n", "err\n"]);
      assert.deepEqual(pieces.toSorted(), ["stderr: err\n", "stdout: out\n"]);
      await connection.close();
      assert.equal(connection.over.aborted, true);
      await assert.rejects(async () => connection.run({ line: bench.lines.speakAndFail }, never()));
    });

    check("what a command reads comes in pieces, however large, and several run at once", async (bench) => {
      const connection = await bench.host.ssh.connect(known(bench), never());
      const large = async function* () {
        const piece = new Uint8Array(50_000);
        for (let count = 0; count < 400; count += 1) yield piece.fill(65 + (count % 26));
      };
      const small = async function* () {
        yield bytesOf("small");
      };
      const [many, few] = await Promise.all([
        connection.run({ line: bench.lines.repeat, input: large(), keepBytes: 50_000 }, never()),
        connection.run({ line: bench.lines.repeat, input: small() }, never()),
      ]);
      assert.deepEqual([many.status, textOf(many.stdout)], [0, "J".repeat(50_000)]);
      assert.deepEqual([few.status, textOf(few.stdout)], [0, "small"]);
      const none = await connection.run({ line: bench.lines.repeat }, never());
      assert.deepEqual([none.status, textOf(none.stdout)], [0, ""]);
      await connection.close();
    });

    check("input that fails fails the command", async (bench) => {
      const connection = await bench.host.ssh.connect(known(bench), never());
      const failing = async function* () {
        yield bytesOf("begun");
        throw new Failure("the disk is broken", { code: "unexpected" });
      };
      await fails("unexpected", connection.run({ line: bench.lines.repeat, input: failing() }, never()));
      await connection.close();
    });

    check("a command that is given up ends at once, and the connection goes on", async (bench) => {
      const connection = await bench.host.ssh.connect(known(bench), never());
      const ending = new AbortController();
      const running = connection.run({ line: bench.lines.endless, onOutput: () => ending.abort() }, ending.signal);
      await assert.rejects(running, (reason) => reason === ending.signal.reason);
      const { status } = await connection.run({ line: bench.lines.speakAndFail }, never());
      assert.equal(status, 3);
      await connection.close();
      await assert.rejects(bench.host.ssh.connect(known(bench), AbortSignal.abort(new Error("no"))), /no/);
    });

    check("only a host that is known is told anything", async (bench) => {
      const { host, place, hostKey, otherKey } = bench;
      const shown = place.port === 22 ? place.host : `[${place.host}]:${place.port}`;
      const type = "ssh-ed25519";
      const connects = async (given: Partial<SshPlace> = {}): Promise<void> => {
        const connection = await host.ssh.connect({ ...place, ...given }, never());
        await connection.close();
      };
      await fails("denied", connects(), "is not known");
      await fails("denied", connects({ hostKey: otherKey }), "another machine than is known");
      await fails("invalid", connects({ hostKey: "AAAA" }));
      bench.writeKnownHosts(`# mine\n\nelsewhere ${type} ${hostKey}\n${shown},!${shown} ${type} ${hostKey}\n`);
      await fails("denied", connects(), "is not known");
      bench.writeKnownHosts(`${shown} ${type} ${otherKey} old\n`);
      await fails("denied", connects(), "known_hosts:1");
      bench.writeKnownHosts(`${shown} ${type} ${hostKey}\n@revoked * ${type} ${hostKey}\n`);
      await fails("denied", connects(), "revoked");
      bench.writeKnownHosts(`${shown} ${type} ${otherKey}\nx,${shown.replace("127", "1?7")} ${type} ${hostKey} new\n`);
      await connects();
    });

    check("who shows nothing that is right is not let in, and no message names a password", async (bench) => {
      const { host, strangeKeyFile, noKeyFile } = bench;
      const place = known(bench);
      const refused = async (code: string, given: Partial<SshPlace>, mention: string): Promise<void> => {
        await assert.rejects(host.ssh.connect({ ...place, ...given }, never()), (reason) => {
          assert.ok(reason instanceof Failure, String(reason));
          assert.equal(reason.code, code, reason.message);
          assert.ok(reason.message.includes(mention), `${reason.message} says ${mention}`);
          assert.ok(!`${reason.message} ${reason.hint}`.includes("wrong-password"));
          return true;
        });
      };
      await refused("denied", { keyFile: "" }, "no key and no password");
      await refused("denied", { keyFile: strangeKeyFile }, strangeKeyFile);
      await refused("denied", { keyFile: "", password: "wrong-password" }, "the password that was given");
      await refused("denied", { user: "nobodyhere" }, "nobodyhere is not let in");
      await refused("invalid", { keyFile: noKeyFile }, noKeyFile);
      await refused("invalid", { keyFile: `${noKeyFile}.missing` }, "no such file");
      const connection = await host.ssh.connect({ ...place, keyFile: "", password: bench.password }, never());
      await connection.close();
    });

    check("a person is asked when everything else was refused, so often as was said", async (bench) => {
      const { host, password } = bench;
      const asked: string[] = [];
      const answers = ["wrong-password", password];
      bench.setPerson((question) => {
        asked.push(question);
        return answers[asked.length - 1];
      });
      const askPassword: NonNullable<SshPlace["askPassword"]> = (question, signal) =>
        host.prompt.secret(question, signal);
      const place = { ...known(bench), keyFile: "", password: "wrong-password", askPassword };
      await fails("denied", host.ssh.connect({ ...place, passwordTries: 1 }, never()), "typed");
      assert.deepEqual(asked, [`Password of ${place.user} on ${place.host}:${place.port}: `]);
      asked.length = 0;
      const connection: SshConnection = await host.ssh.connect(place, never());
      assert.equal(asked.length, 2);
      await connection.close();
      bench.setPerson(() => undefined);
      await fails("denied", host.ssh.connect(place, never()));
      bench.setPerson(undefined);
      await fails("unsupported", host.ssh.connect(place, never()));
    });

    check("where nobody or nothing answers is told in time", async (bench) => {
      await fails("unreachable", bench.host.ssh.connect({ ...bench.nobody, hostKey: bench.hostKey }, never()));
      const late = fails("timed-out", bench.host.ssh.connect({ ...bench.silent, hostKey: bench.hostKey }, never()));
      await bench.pass(15_100);
      await late;
    });

    check("a tunnel leads programs of the other machine to this one", async (bench) => {
      const connection = await bench.host.ssh.connect(known(bench), never());
      const target = await bench.listenHere((text) => `here: ${text}`);
      const port = await connection.offer({ host: "127.0.0.1", port: 0 }, target, never());
      assert.ok(port > 0);
      assert.equal(await bench.askThere({ host: "127.0.0.1", port }, "who?"), "here: who?");
      assert.equal(await bench.askThere({ host: "127.0.0.1", port }, "and?"), "here: and?");
      const second = await bench.host.ssh.connect(known(bench), never());
      await fails("busy", second.offer({ host: "127.0.0.1", port }, target, never()));
      await second.close();
      await connection.close();
      assert.equal(await bench.askThere({ host: "127.0.0.1", port }, "still?"), undefined);
    });

    check("a tunnel leads programs of this machine to the other one", async (bench) => {
      const connection = await bench.host.ssh.connect(known(bench), never());
      const address = await bench.listenThere((text) => `there: ${text}`);
      const path = bench.freePath();
      await connection.reach(path, address, never());
      assert.equal(await bench.askHere(path, "who?"), "there: who?");
      await connection.close();
      assert.equal(await bench.askHere(path, "still?"), undefined);
    });

    check("a connection that breaks off ends what is on it, and says why", async (bench) => {
      const connection = await bench.host.ssh.connect(known(bench), never());
      const ready = Promise.withResolvers<void>();
      const running = connection.run({ line: bench.lines.endless, onOutput: () => ready.resolve() }, never());
      await ready.promise;
      const failing = fails("unreachable", running, "broke off");
      bench.breakOff();
      await failing;
      assert.ok(connection.over.reason instanceof Failure);
      await connection.close();
    });
  });
}
