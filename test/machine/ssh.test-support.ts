// SPDX-License-Identifier: Apache-2.0
// Run in a namespace of its own, where /etc, /home, /root and /run are ours: the contract of SSH with the server of this
// machine.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { Failure } from "../../src/contract/failure.ts";
import type { Host } from "../../src/contract/host.ts";
import { linuxHost } from "../../src/host/linux/index.ts";
import { type SshBench, sshContract } from "../../src/host/ssh.contract.test-support.ts";
import { makeKey, startSshServer } from "./sshd.test-support.ts";

const password = "right horse";
const real = linuxHost();
const never = new AbortController().signal;

const hash = execFileSync("openssl", ["passwd", "-6", "-stdin"], { input: password, encoding: "utf8" }).trim();
execFileSync("useradd", ["--create-home", "--shell", "/bin/sh", "guest"]);
execFileSync("usermod", ["--password", hash, "guest"]);

interface RealBench extends SshBench {
  readonly directory: string;
}

async function makeBench(more: readonly string[] = []): Promise<RealBench> {
  const directory = mkdtempSync("/root/bench-");
  chmodSync("/root", 0o755);
  chmodSync(directory, 0o755);
  const server = await startSshServer(directory, more);
  rmSync("/root/.ssh", { recursive: true, force: true });
  mkdirSync("/root/.ssh", { mode: 0o700 });
  copyFileSync(server.keyFile, "/root/.ssh/id_ed25519");
  writeFileSync("/root/.ssh/id_useless", "nothing\n");
  const otherKey = makeKey(join(directory, "other"));
  const noKeyFile = join(directory, "none");
  writeFileSync(noKeyFile, "nothing\n");
  const servers: Server[] = [];
  const listen = async (answer: ((text: string) => string) | undefined): Promise<number> => {
    const listening = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (text) => answer !== undefined && socket.end(answer(text.toString())));
    });
    servers.push(listening);
    listening.listen(0, "127.0.0.1");
    await once(listening, "listening");
    const address = listening.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  };
  let person: ((question: string) => string | undefined) | undefined;
  const host: Host = {
    ...real,
    prompt: {
      async secret(question) {
        if (person === undefined) throw new Failure("nobody can be asked", { code: "unsupported" });
        return person(question);
      },
    },
  };
  const place = { host: "127.0.0.1", port: server.port, user: "guest" };
  return {
    directory,
    host,
    place,
    password,
    hostKey: server.hostKey,
    otherKey,
    strangeKeyFile: join(directory, "other"),
    noKeyFile,
    silent: { ...place, port: await listen(undefined) },
    nobody: { ...place, port: 1 },
    writeKnownHosts: (text) => writeFileSync("/root/.ssh/known_hosts", text),
    lines: {
      speakAndFail: "echo out; echo err >&2; exit 3",
      repeat: "cat",
      endless: "echo ready; exec sleep 86400",
    },
    listenHere: async (answer) => ({ host: "127.0.0.1", port: await listen(answer) }),
    listenThere: async (answer) => ({ host: "127.0.0.1", port: await listen(answer) }),
    askThere: (address, text) => ask(address, text),
    askHere: (path, text) => ask({ path }, text),
    freePath: () => join(directory, "tunnel.sock"),
    setPerson: (given) => {
      person = given;
    },
    breakOff: () => server.breakOff(),
    pass: async () => {},
    async close() {
      for (const listening of servers) listening.close();
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function ask(where: { readonly host: string; readonly port: number } | { readonly path: string }, text: string) {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect(where);
  let answer = "";
  socket.on("connect", () => socket.write(text));
  socket.on("data", (piece) => {
    answer += piece.toString();
  });
  socket.on("error", () => resolve(undefined));
  socket.on("close", () => resolve(answer === "" ? undefined : answer));
  return promise;
}

sshContract("the real machine", () => makeBench());

test("a server that takes no passwords is not told any", async () => {
  const bench = await makeBench(["PasswordAuthentication no", "KbdInteractiveAuthentication no"]);
  try {
    const place = { ...bench.place, hostKey: bench.hostKey, keyFile: "", password };
    await assert.rejects(bench.host.ssh.connect(place, never), /is not let in on .*: there is no key and no password/);
  } finally {
    await bench.close();
  }
});

test("a host that is known by one of its keys alone is asked for that", async () => {
  const extra = mkdtempSync("/root/key-");
  execFileSync("ssh-keygen", ["-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", join(extra, "rsa")]);
  const bench = await makeBench([`HostKey ${join(extra, "rsa")}`]);
  try {
    const scanned = execFileSync("ssh-keyscan", ["-H", "-t", "rsa", "-p", String(bench.place.port), "127.0.0.1"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    assert.match(scanned, /^\|1\|/m, "its name is hidden by a hash");
    bench.writeKnownHosts(scanned);
    const connection = await bench.host.ssh.connect(bench.place, never);
    await connection.close();
  } finally {
    await bench.close();
  }
});

test("keys of an agent are shown, also those that have a passphrase", async () => {
  const bench = await makeBench();
  const { SSH_AUTH_SOCK: former } = process.env;
  const socket = join(bench.directory, "agent.sock");
  const pid = /SSH_AGENT_PID=(\d+)/.exec(execFileSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" }))?.[1];
  try {
    process.env["SSH_AUTH_SOCK"] = socket;
    execFileSync("ssh-add", ["-q", "/root/.ssh/id_ed25519"]);
    execFileSync("ssh-keygen", ["-q", "-p", "-N", "words", "-f", "/root/.ssh/id_ed25519"]);
    const connection = await bench.host.ssh.connect({ ...bench.place, hostKey: bench.hostKey }, never);
    await connection.close();
    const place = { ...bench.place, hostKey: bench.hostKey, keyFile: "/root/.ssh/id_ed25519" };
    await assert.rejects(bench.host.ssh.connect(place, never), /it has a passphrase/);
  } finally {
    if (former === undefined) delete process.env["SSH_AUTH_SOCK"];
    else process.env["SSH_AUTH_SOCK"] = former;
    if (pid !== undefined) process.kill(Number(pid));
    await bench.close();
  }
});
