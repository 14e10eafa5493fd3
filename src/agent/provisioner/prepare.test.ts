// SPDX-License-Identifier: Apache-2.0
// From what `mgmt provisioner` was told to a program that is right, and what it refuses.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../contract/failure.ts";
import { memoryHost } from "../../host/memory/index.ts";
import { catalogFor } from "../catalog.ts";
import { compileProgram } from "../compile-program.ts";
import { prepareProvisioner, type Request } from "./prepare.ts";

const { signal } = new AbortController();
const mac = "52:54:00:12:34:56";
const nothing: Request = {
  told: {},
  machinesFile: undefined,
  anyMachine: false,
  usual: new Map(),
  intoCluster: undefined,
  entrance: undefined,
};

function hostWith(files: Readonly<Record<string, string>> = {}) {
  const host = memoryHost();
  for (const [path, text] of Object.entries(files)) {
    host.outside.makeDirectory(path.slice(0, path.lastIndexOf("/")) || "/");
    host.outside.write(path, text);
  }
  return host;
}

async function prepared(request: Partial<Request>, host = hostWith()) {
  const told = { interface: "eth1", mirror: "http://mirror.example.com/debian/", ...request.told };
  const found = await prepareProvisioner({ ...nothing, ...request, told }, host, signal);
  const readStandardInput = () => Promise.resolve(found.program);
  const reading = { host, workingDirectory: "/", readStandardInput, signal };
  const { problems } = await compileProgram("-", catalogFor("laptop", found.settings), reading);
  assert.deepEqual(problems, [], found.program);
  return found;
}

async function refuses(request: Partial<Request>, message: RegExp, host = hostWith()): Promise<void> {
  await assert.rejects(prepared(request, host), (reason) => {
    assert.ok(reason instanceof Failure);
    assert.match(reason.message, message);
    return true;
  });
}

test("one machine, with what is usual for its distribution", async () => {
  const fedora = await prepared({ told: { mac } });
  assert.deepEqual([fedora.settings.flavour, fedora.settings.luks], ["Workstation", true]);
  assert.match(fedora.program, /include base\.host\("52-54-00-12-34-56"/);
  const debian = await prepared({ told: { mac, distro: "debian" } });
  assert.deepEqual([debian.settings.flavour, debian.settings.luks], ["Server", false]);
  assert.equal(debian.settings.mirror, "http://mirror.example.com/debian");
});

test("the next machine that boots, only when that is said", async () => {
  await refuses({}, /No machine was named/);
  const { machines } = await prepared({ anyMachine: true });
  assert.deepEqual(
    machines.map((machine) => machine.mac),
    [""],
  );
});

test("an interface that stays as it is has its own address", async () => {
  const host = hostWith();
  const flags = { isUp: true, isLoopback: false, isWireless: false, mtu: 1500 };
  const addresses = ["fe80::1/64", "192.0.2.7/24"];
  host.outside.setInterfaces([{ name: "eth1", index: 2, hardwareAddress: "52:54:00:00:00:01", addresses, ...flags }]);
  const routerWith = async (told: Request["told"]) =>
    (await prepared({ told: { mac, ...told } }, host)).settings.router;
  assert.equal(await routerWith({ network: "" }), "192.0.2.7/24");
  assert.equal(await routerWith({ network: "", router: "192.0.2.8/24" }), "192.0.2.8/24");
  assert.equal(await routerWith({}), "192.168.42.1/24");
  assert.equal(await routerWith({ network: "", interface: "eth2" }), "192.168.42.1/24");
});

test("a list of machines, each with its own distribution, armed anew unless it says otherwise", async () => {
  const list = `- {name: web1, mac: "${mac}", distro: debian, version: 12, args: 'a "b" \${c} \\d'}
- {name: web2, mac: "52:54:00:12:34:57", arm: second}
`;
  const { program } = await prepared(
    { machinesFile: "/list.yaml", usual: new Map([["arm", "third"]]) },
    hostWith({ "/list.yaml": list }),
  );
  assert.equal(program.match(/include base\.repo/g)?.length, 2);
  assert.match(program, /repo_debian_12_x86_64\.uid/);
  assert.match(program, /args => "a \\"b\\" \\\$\{c\} \\\\d"/);
  assert.match(program, /arm => "third"/);
  assert.match(program, /arm => "second"/);
  await refuses({ machinesFile: "/list.csv" }, /no hardware address/, hostWith({ "/list.csv": "name,mac\nx,y\n" }));
  await refuses({ machinesFile: "/list.yaml" }, /There is no machine/, hostWith({ "/list.yaml": "[]\n" }));
});

test("a hash of a password stands in no program", async () => {
  const password = `$6$0123456789abcdef$${"x".repeat(86)}`;
  const { program, settings } = await prepared({ told: { mac, password } });
  assert.ok(!program.includes("$6$"));
  assert.equal(settings.password, password);
  await refuses({ told: { mac, password: "secret" } }, /no hash/);
});

test("what contradicts itself is refused", async () => {
  await refuses({ told: { mac: "52:54" } }, /"52:54" is no hardware address/);
  await refuses({ told: { mac, router: "10.0.0.1/24" } }, /not in the network/);
  await refuses({ told: { mac, router: "10.0.0.1" } }, /no address with a network/);
  await refuses({ told: { mac, network: "here" } }, /no network/);
  await refuses({ told: { mac, ip: "10.0.0.2/24" } }, /its address 10\.0\.0\.2\/24 is not in the network/);
  await refuses({ told: { mac, distro: "plan9" } }, /plan9 is not known/);
  await refuses({ told: { mac, arch: "mips" } }, /mips is not known/);
});

test("the mirror is that of the machine, and must be said where it has none", async () => {
  const sources = "Types: deb\n# URIs: http://old.example.com/debian\nURIs: http://near.example.com/debian/\n";
  const host = hostWith({ "/etc/apt/sources.list.d/debian.sources": sources });
  const { settings } = await prepared({ told: { mac, distro: "debian", mirror: "" } }, host);
  assert.equal(settings.mirror, "http://near.example.com/debian");
  await refuses({ told: { mac, mirror: "" } }, /No mirror of fedora/, host);
  await refuses({ told: { mac, distro: "debian", mirror: "" } }, /No mirror of debian/);
});

test("machines with a program join the cluster of the provisioner, unless something else is said", async () => {
  const joins = async (request: Partial<Request>, host = hostWith()) => {
    const { machines, settings, joins: some } = await prepared(request, host);
    return [machines.map(({ fields }) => fields.get("handoff_cluster")), settings.entrance, some];
  };
  const told = { mac, handoffCode: "/site/" };
  assert.deepEqual(await joins({ told: { mac } }), [[false], "", false]);
  assert.deepEqual(await joins({ told }), [[true], "192.168.42.1", true]);
  assert.deepEqual(await joins({ told, entrance: "0.0.0.0:4000" }), [[true], "192.168.42.1:4000", true]);
  assert.deepEqual(await joins({ told, entrance: "192.0.2.9" }), [[true], "192.0.2.9", true]);
  assert.deepEqual(await joins({ told, intoCluster: false }), [[false], "", false]);
  assert.deepEqual(await joins({ told: { mac }, intoCluster: true }), [[true], "192.168.42.1", true]);
  const list = "- mac: 52:54:00:12:34:01\n  handoff_seeds: http://192.0.2.1:2379\n- mac: 52:54:00:12:34:02\n";
  const request = { told: { handoffCode: "/site/" }, machinesFile: "/rack.yaml" };
  assert.deepEqual(await joins(request, hostWith({ "/rack.yaml": list })), [[false, true], "192.168.42.1", true]);
});

test("unknown machines are listed only when that is said, with iPXE where it is there", async () => {
  const alone = await prepared({ told: { discover: true } });
  assert.deepEqual([alone.machines, alone.settings.discoverLoaders], [[], ""]);
  const ipxe = { "/usr/lib/ipxe/undionly.kpxe": "", "/usr/lib/ipxe/ipxe.efi": "" };
  const beside = await prepared({ told: { mac, discover: true } }, hostWith(ipxe));
  assert.deepEqual([beside.machines.length, beside.settings.discoverLoaders], [1, "/usr/lib/ipxe/"]);
  assert.equal((await prepared({ told: { mac } }, hostWith(ipxe))).settings.discoverLoaders, "");
  await refuses({ told: { discover: true }, anyMachine: true }, /With --any there are no unknown machines/);
  await refuses({ told: { discover: true, discoverLoaders: "/srv" } }, /There is no undionly\.kpxe in \/srv/);
});
