// SPDX-License-Identifier: Apache-2.0
// The machine in memory reaches others over SSH as a real one does.

import { type SshBench, sshContract } from "../ssh.contract.test-support.ts";
import { memoryHost } from "./index.ts";
import type { OtherMachine } from "./ssh.ts";

const key = (letter: string): string => {
  const type = Buffer.from("ssh-ed25519");
  const length = Buffer.from([0, 0, 0, type.length]);
  return Buffer.concat([length, type, Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, letter)]).toString("base64");
};

function makeBench(): Promise<SshBench> {
  const host = memoryHost();
  const { outside, clock } = host;
  const pem = (text: string): string => `-----BEGIN OPENSSH PRIVATE KEY-----\n${text}\n`;
  outside.makeDirectory("/root/.ssh");
  outside.write("/root/.ssh/id_ed25519", pem("mine"));
  outside.write("/root/strange", pem("strange"));
  outside.write("/root/none", "nothing\n");
  const machine: OtherMachine = {
    hostKey: key("h"),
    users: new Map([["me", { keys: [pem("mine")], passwords: ["right"] }]]),
    listening: new Map(),
    async run({ line, input, print, complain, signal }) {
      if (line === "speak") {
        print("out\n");
        complain("err\n");
        return 3;
      }
      if (line === "repeat") {
        for await (const piece of input) print(piece);
        return 0;
      }
      print("ready\n");
      await clock.sleep(86_400_000, signal);
      return 0;
    },
  };
  const { ssh, terminal } = outside;
  ssh.machines.set("127.0.0.1:2222", machine);
  ssh.machines.set("silent:22", { ...machine, isSilent: true });
  const place = { host: "127.0.0.1", port: 2222, user: "me" };
  return Promise.resolve({
    host,
    place,
    password: "right",
    hostKey: key("h"),
    otherKey: key("o"),
    strangeKeyFile: "/root/strange",
    noKeyFile: "/root/none",
    silent: { ...place, host: "silent", port: 22 },
    nobody: { ...place, port: 1 },
    writeKnownHosts: (text) => outside.write("/root/.ssh/known_hosts", text),
    lines: { speakAndFail: "speak", repeat: "repeat", endless: "endless" },
    async listenHere(answer) {
      ssh.here.set("127.0.0.1:80", answer);
      return { host: "127.0.0.1", port: 80 };
    },
    async listenThere(answer) {
      machine.listening.set("127.0.0.1:81", answer);
      return { host: "127.0.0.1", port: 81 };
    },
    askThere: async (address, text) => ssh.askThere("127.0.0.1:2222", address, text),
    askHere: async (path, text) => ssh.askHere(path, text),
    freePath: () => "/run/tunnel.sock",
    setPerson: (person) => {
      terminal.person = person;
    },
    breakOff: () => ssh.breakOff("127.0.0.1:2222"),
    pass: (ms) => clock.advance(ms),
    close: async () => {},
  });
}

sshContract("the machine in memory", makeBench);
