// SPDX-License-Identifier: Apache-2.0
// mgmt on another machine, which is a function here: what is copied, started, waited for and ended.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { eachField } from "../../../test/fields.ts";
import { proves } from "../../../test/proofs.ts";
import { type DrivenResource, drive, problemsOf, repaired } from "../../../test/resource.ts";
import type { Exchange, StoreDoor } from "../../contract/exchange.ts";
import { Failure } from "../../contract/failure.ts";
import type { AnyWant } from "../../contract/resource.ts";
import { exchangeAlone } from "../../exchange/alone.test-support.ts";
import { type MemoryHost, memoryHost } from "../../host/memory/index.ts";
import type { OtherMachine, ShellCall } from "../../host/memory/ssh.ts";
import { textOf } from "../../values/bytes.ts";
import { remote } from "./remote.ts";

const hostKey = `AAAAC3NzaC1lZDI1NTE5AAAAI${"A".repeat(43)}`;
const pem = "-----BEGIN OPENSSH PRIVATE KEY-----\nmine\n";

/** What the scripts do on a real machine, as far as this kind can tell. */
class TwinMachine implements OtherMachine {
  readonly hostKey = hostKey;
  readonly users = new Map([["root", { keys: [pem], passwords: ["right"] }]]);
  readonly listening = new Map<string, (text: string) => string>();
  /** Names of the scripts, with what follows. */
  readonly log: string[] = [];
  readonly host: MemoryHost;
  content: string | undefined;
  child: { readonly arguments: string; readonly end: (status: number) => void } | undefined;
  invitation: string | undefined;
  isUnsafe = false;
  isMember = false;
  cannotRun: string | undefined;
  /** Ends what is attended. */
  attended: ((status: number) => void) | undefined;
  #changed = Promise.withResolvers<void>();

  constructor(host: MemoryHost) {
    this.host = host;
  }

  async run({ line, input, print, complain, signal }: ShellCall): Promise<number> {
    const name = /'mgmt-(\w+)' '([0-9a-f]{10})' '([01])'/.exec(line);
    const words = [...line.slice((name?.index ?? 0) + (name?.[0].length ?? 0)).matchAll(/'([^']*)'/g)].map(([, word = ""]) => word); // biome-ignore format: one line
    const script = name?.[1] ?? "";
    if (script !== "look" && script !== "follow") this.log.push([script, ...words].join(" "));
    const received: Uint8Array[] = [];
    const read = async (): Promise<void> => {
      for await (const piece of input) received.push(Uint8Array.from(piece));
    };
    switch (script) {
      case "look": {
        print(`directory /var/lib/mgmt/remote/${name?.[2]}\nhostname web1\nmachine Linux x86_64\n`);
        if (this.isUnsafe) print("unsafe yes\n");
        if (this.content !== undefined) print(`digest ${this.#digest(this.content)}\n`);
        if (this.child !== undefined) print(`pid 77\narguments ${this.child.arguments}\n`);
        if (this.isMember) print("member yes\n");
        return 0;
      }
      case "put": {
        await read();
        const content = gunzipSync(Buffer.concat(received)).toString();
        if (this.#digest(content) !== words[0]) return 1;
        this.content = content;
        return 0;
      }
      case "prepare": {
        if (this.cannotRun === undefined) return 0;
        if (words[0] === "1") this.cannotRun = undefined;
        complain(`${this.cannotRun ?? ""}\n`);
        return this.cannotRun === undefined ? 0 : 1;
      }
      case "keepInvitation":
        await read();
        this.invitation = textOf(Buffer.concat(received));
        return 0;
      case "attend": {
        const { promise, resolve } = Promise.withResolvers<number>();
        this.#become({ arguments: words.join(" "), end: resolve });
        this.attended = resolve;
        read().then(
          () => this.child?.end(0),
          () => this.child?.end(1),
        );
        print("it has begun\n");
        const status = await promise;
        this.#become(undefined);
        if (status !== 0) complain("mgmt: it is broken\n");
        return status;
      }
      case "start":
        this.#become({ arguments: words.join(" "), end: () => this.#become(undefined) });
        return 0;
      case "stop":
      case "clear":
        this.child?.end(0);
        this.#become(undefined);
        if (script === "clear") this.content = undefined;
        return 0;
      case "follow":
        read().catch(() => {});
        while (!signal.aborted) {
          print(this.child === undefined ? "none\n" : "77\n");
          await this.#changed.promise;
        }
        return 0;
      default:
        return 127;
    }
  }

  /** Somebody ends the one that runs there and starts another. */
  startAnother(change: (running: string) => string): void {
    const running = this.child?.arguments ?? "";
    this.child?.end(0);
    this.#become({ arguments: change(running), end: () => this.#become(undefined) });
  }

  #become(child: TwinMachine["child"]): void {
    this.child = child;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  #digest(content: string): string {
    const digest = this.host.hashing.sha256();
    digest.add(Buffer.from(content));
    return digest.hex();
  }
}

interface Site {
  readonly host: MemoryHost;
  readonly machine: TwinMachine;
  readonly exchange: Exchange;
  readonly invited: string[];
  readonly web1: (fields?: AnyWant, signal?: AbortSignal, convergedSeconds?: number) => DrivenResource;
  readonly settle: () => Promise<void>;
}

const tunnelDoor: StoreDoor = { here: { host: "127.0.0.1", port: 2379 }, urls: [], isSecure: false };

/** What the store knows of the other host. */
class Told {
  readonly #words: (boolean | undefined)[] = [];
  #wake = (): void => {};

  say(word: boolean | undefined): void {
    this.#words.push(word);
    this.#wake();
  }

  async *follow(signal: AbortSignal): AsyncGenerator<boolean | undefined, void, undefined> {
    signal.addEventListener("abort", () => this.#wake(), { once: true });
    while (!signal.aborted) {
      while (this.#words.length > 0) yield this.#words.shift();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (signal.aborted) resolve();
      });
    }
  }
}

/** `entrance`: the address at which hosts are let in. */
function site(door: StoreDoor = tunnelDoor, entrance = "127.0.0.1", told?: Told): Site {
  const host = memoryHost({ hostname: "laptop" });
  const { outside, clock } = host;
  outside.makeDirectory("/root/.ssh");
  outside.write("/root/.ssh/id_ed25519", pem);
  outside.makeDirectory("/usr/bin");
  outside.write("/usr/bin/mgmt", "the program");
  const machine = new TwinMachine(host);
  outside.ssh.machines.set("web1:22", machine);
  outside.ssh.here.set("127.0.0.1:2379", () => "store");
  const invited: string[] = [];
  const alone = exchangeAlone(clock, "laptop");
  const exchange: Exchange = {
    ...alone,
    ...(told === undefined
      ? {}
      : { hosts: { ...alone.hosts, followConverged: (_: string, signal: AbortSignal) => told.follow(signal) } }),
    doors: {
      now: () => door,
      changes: (signal) => alone.doors.changes(signal),
      invite: async (hostname) => {
        invited.push(hostname);
        return { token: "TOKEN", entrance: { host: entrance, port: 2381 } };
      },
    },
  };
  const web1: Site["web1"] = (fields = {}, signal, convergedSeconds) =>
    drive(remote, "root@web1", { hostkey: hostKey, ...fields }, host, {
      exchange,
      ...(signal === undefined ? {} : { signal }),
      ...(convergedSeconds === undefined ? {} : { convergedSeconds }),
    });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 30; turn += 1) await clock.settle();
  };
  return { host, machine, exchange, invited, web1, settle };
}

const lines = async (resource: DrivenResource): Promise<readonly string[]> =>
  (await resource.plan()).map(({ mark, text }) => `${mark} ${text}`);

test("it is copied, run through a tunnel until it ends, and that is that", async () => {
  const { machine, web1, settle, host } = site();
  const resource = web1({ converger_timeout: 5 });
  assert.deepEqual(await lines(resource), [
    "+ copy mgmt to web1",
    "! run mgmt on web1 as web1, until it has been as declared for 5 s",
  ]);
  const settling = resource.settle();
  await settle();
  assert.equal(machine.content, "the program");
  const directory = /\/var\/lib\/mgmt\/remote\/[0-9a-f]{10}/.exec(machine.child?.arguments ?? "")?.[0];
  assert.deepEqual(machine.log.slice(1), [
    "prepare 0",
    `attend run --hostname=web1 --prefix=${directory}/state --seeds=http://127.0.0.1:2379 --only-seeds --converged-timeout=5 empty`,
  ]);
  assert.equal(host.outside.ssh.askThere("web1:22", { host: "127.0.0.1", port: 2379 }, ""), "store");
  machine.child?.end(0);
  await settling;
  assert.deepEqual(resource.said, ["it has begun"]);
  assert.deepEqual(await lines(resource), []);
  assert.equal(host.outside.ssh.open, 0);
  assert.deepEqual(await lines(resource.changed({ hostkey: hostKey, converger_timeout: 6 })), [
    "! run mgmt on web1 as web1, until it has been as declared for 6 s",
  ]);
});

test("it ends as this run does, when nothing else is said", async () => {
  const { web1 } = site();
  assert.match((await lines(web1({}, undefined, 7))).at(-1) ?? "", /declared for 7 s$/);
  assert.match((await lines(web1({ converger_timeout: 1 }, undefined, 7))).at(-1) ?? "", /declared for 1 s$/);
  assert.match((await lines(web1())).at(-1) ?? "", /as web1$/);
});

test("while it is as declared there we only wait, and its end is no work either", async () => {
  const told = new Told();
  const { machine, web1, settle, host } = site(tunnelDoor, "127.0.0.1", told);
  const resource = web1({ converger_timeout: 5 });
  const settling = resource.settle();
  for (const word of [true, undefined, false, true, false, true]) {
    await settle();
    told.say(word);
  }
  await settle();
  // The first was a word of a former run.
  assert.deepEqual(resource.rests, [false, true, false, true]);
  told.say(undefined);
  await settle();
  await host.clock.advance(9000);
  machine.child?.end(0);
  await settling;
  await host.clock.advance(60_000);
  assert.deepEqual(resource.rests, [false, true, false, true]);
});

test("of one that is not heard of and goes on nothing is known after a while", async () => {
  const told = new Told();
  const { machine, web1, settle, host } = site(tunnelDoor, "127.0.0.1", told);
  const resource = web1();
  const settling = resource.settle();
  for (const word of [undefined, false, true, undefined]) {
    await settle();
    told.say(word);
  }
  await settle();
  assert.deepEqual(resource.rests, [false, true]);
  await host.clock.advance(10_000);
  assert.deepEqual(resource.rests, [false, true, false]);
  machine.child?.end(0);
  await settling;
});

test("with the run it is told to end, and waited for", async () => {
  const { machine, web1, settle, host } = site();
  const ending = new AbortController();
  const resource = web1({}, ending.signal);
  const settling = resource.settle();
  await settle();
  assert.ok(machine.child !== undefined);
  ending.abort(new DOMException("stopped", "AbortError"));
  await assert.rejects(settling, /stopped/);
  assert.equal(machine.child, undefined);
  assert.equal(host.outside.ssh.open, 0);
});

test("one that does not end is given up at last", async () => {
  const { machine, web1, settle, host } = site();
  const ending = new AbortController();
  const settling = assert.rejects(web1({}, ending.signal).settle());
  await settle();
  const { child } = machine;
  machine.child = { arguments: "", end: () => {} };
  ending.abort(new DOMException("stopped", "AbortError"));
  await settle();
  await host.clock.advance(46_000);
  await settling;
  child?.end(0);
});

test("a failure there is one here, with its last words", async () => {
  const { machine, web1, settle } = site();
  const settling = assert.rejects(
    web1().settle(),
    (reason) => reason instanceof Failure && /^web1 has ended mgmt \(with status 3\): mgmt: it is broken$/.test(reason.message), // biome-ignore format: one line
  );
  await settle();
  machine.child?.end(3);
  await settling;
  machine.cannotRun = "libstdc++.so.6 is missing";
  await assert.rejects(web1().settle(), /cannot run mgmt.*libstdc\+\+/);
  const repaired = web1({ install_deps: true }).settle();
  await settle();
  machine.child?.end(0);
  await repaired;
});

test("one that an earlier run has left is ended first, and a program that is another is replaced", async () => {
  const { machine, web1 } = site();
  machine.content = "the program of before";
  machine.child = { arguments: "run", end: () => {} };
  assert.deepEqual(await lines(web1()), [
    "- end the mgmt that runs on web1 (was process 77)",
    "~ copy mgmt to web1 (was another one)",
    "! run mgmt on web1 as web1",
  ]);
});

test("one that is left running is started once, and again when it has ended or the store has moved", async () => {
  const here = { ...tunnelDoor, urls: ["http://192.0.2.1:2379"] };
  const { machine, web1, settle, host } = site(here);
  const ending = new AbortController();
  const resource = web1({ transient: false, tunnelled: false, hostname: "front" }, ending.signal);
  assert.deepEqual(resource.check(), []);
  const watch = resource.watch();
  await watch.next();
  assert.deepEqual(await resource.settle(), ["+ copy mgmt to web1", "+ start mgmt on web1 as front"]);
  assert.match(
    machine.child?.arguments ?? "",
    /--hostname=front .*--seeds=http:\/\/192\.0\.2\.1:2379 --no-server empty$/,
  );
  assert.deepEqual(await lines(resource), []);
  await settle();
  const again = await repaired(resource, watch, host, () => machine.child?.end(0));
  assert.deepEqual(again, ["+ start mgmt on web1 as front"]);
  here.urls = ["http://192.0.2.2:2379"];
  assert.deepEqual(await lines(resource), [
    "- end the mgmt that runs on web1 (was process 77)",
    "+ start mgmt on web1 as front",
  ]);
  ending.abort();
  await watch.return?.();
  assert.ok(machine.child !== undefined, "it goes on without us");
});

test("a connection that breaks off fails the watch of what is left running", async () => {
  const { web1, settle, host } = site({ ...tunnelDoor, urls: ["http://192.0.2.1:2379"] });
  const resource = web1({ transient: false, tunnelled: false });
  const failed = assert.rejects(
    (async () => {
      for await (const _ of remote.watch(resource.want, resource.env));
    })(),
    /broke off/,
  );
  await settle();
  host.outside.ssh.breakOff("web1:22");
  await failed;
});

test("what is to be stopped is ended, and removed where nothing is kept", async () => {
  const { machine, web1 } = site();
  machine.content = "the program";
  machine.child = { arguments: "run", end: () => {} };
  assert.deepEqual(await web1({ state: "stopped" }).settle(), ["- end the mgmt that runs on web1 (was process 77)"]);
  assert.deepEqual(await lines(web1({ state: "stopped" })), []);
  assert.deepEqual(await web1({ state: "stopped", caching: false }).settle(), ["- remove what was put on web1"]);
  assert.deepEqual(await lines(web1({ state: "stopped", caching: false })), []);
});

test("a host that is not in the cluster yet comes with an invitation, through a tunnel of its own", async () => {
  const { machine, web1, settle, invited, host } = site({ ...tunnelDoor, isSecure: true });
  host.outside.ssh.here.set("127.0.0.1:2381", () => "entrance");
  const ending = new AbortController();
  const settling = assert.rejects(web1({ hostname: "front" }, ending.signal).settle());
  await settle();
  assert.deepEqual([invited, machine.invitation], [["front"], "TOKEN@127.0.0.1:2381"]);
  assert.equal(host.outside.ssh.askThere("web1:22", { host: "127.0.0.1", port: 2381 }, ""), "entrance");
  assert.match(machine.child?.arguments ?? "", /--seeds=https:\/\/127\.0\.0\.1:2379 /);
  assert.ok(!machine.log.join("\n").includes("TOKEN"), "no argument has it");
  ending.abort();
  await settling;
  machine.isMember = true;
  const again = new AbortController();
  const second = assert.rejects(web1({ hostname: "front" }, again.signal).settle());
  await settle();
  assert.deepEqual(invited, ["front"]);
  again.abort();
  await second;
});

test("what cannot work is told before anybody is reached", async () => {
  const { web1, host, exchange } = site();
  const { doors } = exchangeAlone(host.clock);
  const alone = drive(remote, "root@web1", { hostkey: hostKey }, host, { exchange: { ...exchange, doors } });
  await assert.rejects(alone.plan(), /no other machine can use the store/);
  await assert.rejects(web1({ transient: false, tunnelled: false }).plan(), /no address that other machines/);
  await assert.rejects(web1({ hostname: "laptop" }).plan(), /would be laptop in the cluster, as this host is/);
  host.outside.remove("/usr/bin/mgmt");
  await assert.rejects(web1().plan(), /only mgmt as a single file/);
});

test("a directory of somebody else is left alone", async () => {
  const { web1, machine } = site();
  machine.isUnsafe = true;
  const [only] = await web1().plan();
  assert.match(only?.text ?? "", /is not only ours/);
  assert.equal(only?.refuses, true);
});

test("a person is asked for the password for as long as was said", async () => {
  const { web1, host, settle } = site();
  const asked: string[] = [];
  host.outside.terminal.person = (question) => {
    asked.push(question);
    return "right";
  };
  const fields = { ssh_id: "", interactive: true, interactive_timeout: 10, max_password_tries: 1 };
  assert.equal((await web1(fields).plan()).length, 2);
  assert.deepEqual(asked, ["Password of root on web1: "]);
  host.outside.terminal.person = () => new Promise(() => {});
  const late = assert.rejects(web1(fields).plan(), /is not let in/);
  await settle();
  await host.clock.advance(10_000);
  await late;
});

test("a password in the address lets in, and is in no text", async () => {
  const { web1 } = site();
  const fields = { remote: "root:right@web1", ssh_id: "", allow_cleartext_password: true };
  assert.deepEqual(web1(fields).check(), []);
  assert.ok(!JSON.stringify(await web1(fields).plan()).includes("right"));
});

for (const [what, name, fields, problems] of [
  ["an address", "web 1", {}, ["this is no other machine"]],
  ["a password", "w", { remote: "me:secret@web1" }, ["there is a password in it"]],
  [
    "a password in the name",
    "me:secret@web1",
    { allow_cleartext_password: true },
    [/^the name of a resource is shown/],
  ],
  ["a host key", "web1", { hostkey: "ssh-ed25519 AAAA" }, ["this is no key of a host"]],
  [
    "two host keys",
    `web1?hostkey=${hostKey}`,
    { hostkey: hostKey.replace("AAAAI", "AAAAJ") },
    ["there is another host key"],
  ],
  ["a name", "web1", { hostname: "a b" }, ['"a b" is no name of a host: it has letters, digits and . _ -']],
  ["a key", "web1", { ssh_id: "id_rsa" }, [/neither absolute/]],
  ["a tunnel", "web1", { transient: false }, [/^a tunnel ends with the connection/]],
  ["an end", "web1", { transient: false, tunnelled: false, converger_timeout: 5 }, [/converger_timeout/]],
  ["a tunnel address", "web1", { tunnel_addr: "2379" }, [/no address with a port/]],
  ["tries", "web1", { max_password_tries: -1, interactive: true }, [/^nobody can be asked -1 times$/]],
  ["nobody", "web1", { max_password_tries: 2, interactive_timeout: 5 }, [/needs `interactive`/, /needs `interactive`/]],
] as const) {
  test(`a mistake about ${what} is told at once`, () => {
    const found = problemsOf(remote, name, fields);
    assert.equal(found.length, problems.length, found.join("; "));
    for (const [at, problem] of problems.entries()) assert.match(found[at] ?? "", problem instanceof RegExp ? problem : new RegExp(problem.replaceAll(/[()"]/g, "."))); // biome-ignore format: one line
  });
}

test("wherever it begins, it is as declared after one pass", async () => {
  const start = fc.record({
    content: fc.constantFrom(undefined, "the program", "another one"),
    child: fc.constantFrom(undefined, "run", "run --hostname=other"),
    isMember: fc.boolean(),
    isSecure: fc.boolean(),
  });
  const wanted = fc.record({
    state: fc.constantFrom("running", "stopped"),
    transient: fc.boolean(),
    caching: fc.boolean(),
    hostname: fc.constantFrom("", "front"),
    install_deps: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(start, wanted, async ({ content, child, isMember, isSecure }, fields) => {
      const { machine, web1, settle } = site({ ...tunnelDoor, urls: ["http://192.0.2.1:2379"], isSecure }, "192.0.2.9");
      Object.assign(machine, { content, isMember });
      if (child !== undefined) machine.child = { arguments: child, end: () => {} };
      const resource = web1({ ...fields, tunnelled: fields.transient });
      const settling = resource.settle();
      for (let turn = 0; turn < 20 && machine.attended === undefined; turn += 1) await settle();
      machine.attended?.(0);
      await settling;
      assert.deepEqual(await resource.plan(), []);
      const isRunning = fields.state === "running" && !fields.transient;
      assert.equal(machine.child !== undefined, isRunning);
      if (fields.state === "running") assert.equal(machine.content, "the program");
    }),
    { numRuns: 300 },
  );
});

proves("remote", "twice", "outside change", "bad values", "random starts");

const here = "src/resources/remote/remote.test.ts";
const lettingIn = "it says how one is let in";
const lasting = "it is about what lasts with the run, whose end ends a step";

eachField("remote", {
  machine() {
    const { host, machine, exchange } = site({ ...tunnelDoor, urls: ["http://192.0.2.1:2379"] });
    return { host, there: machine, options: { exchange } };
  },
  name: "root@web1",
  fields: { hostkey: hostKey, transient: false, tunnelled: false },
  changes: {
    state: { outside: ({ there }) => there.child?.end(0), repair: ["+ start mgmt on web1 as web1"] },
    hostname: {
      fields: { hostname: "front" },
      outside: ({ there }) => there.startAnother((arguments_) => arguments_.replace("=front", "=back")),
      repair: ["- end the mgmt that runs on web1 (was process 77)", "+ start mgmt on web1 as front"],
    },
    transient: {
      outside: ({ there }) => there.startAnother((arguments_) => `${arguments_} --converged-timeout=5`),
      repair: ["- end the mgmt that runs on web1 (was process 77)", "+ start mgmt on web1 as web1"],
    },
  },
  shown: {
    remote: { file: here, title: "a connection that breaks off fails the watch of what is left running" },
    converger_timeout: {
      file: here,
      title: "while it is as declared there we only wait, and its end is no work either",
    },
  },
  parameters: {
    ...{ ssh_id: lettingIn, interactive: lettingIn, interactive_timeout: lettingIn, max_password_tries: lettingIn },
    hostkey: "it says which machine is believed: one with another key is refused before anything is seen of it",
    allow_cleartext_password: "it says what may stand in `remote`",
    caching: "it says what is left there at the end",
    tunnelled: lasting,
    tunnel_addr: lasting,
    install_deps: "it says what may be done when mgmt does not start there",
  },
});
