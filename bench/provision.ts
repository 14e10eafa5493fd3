// SPDX-License-Identifier: Apache-2.0
// `npm run bench -- provision [bios|uefi]`: a whole installation of Debian into a virtual machine, from its empty disk to the
// role that it has been given, and its next boot from the network. Takes half an hour without virtualisation by the processor.
// Needs root, what test/lab/pxe-vm and test/lab/di-mirror need, and dist/mgmt.

import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "..");
const firmware = process.argv[2] ?? "bios";
const directory = mkdtempSync(join(tmpdir(), "mgmt-provision-"));
const bridge = "lab-install";
const address = "10.78.255";
const mac = "52:54:00:78:ff:01";
const env = { ...process.env, LAB_BRIDGE: bridge, LAB_DIR: join(directory, "lab"), LAB_NET: address };
const script = async (name: string, ...args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(join(root, "test/lab", name), args, { env, maxBuffer: 64 * 2 ** 20 })).stdout.trim();
const vm = (...args: readonly string[]): Promise<string> => script("pxe-vm", ...args);

/** What the machine goes on with: tells that it has its role. */
const role = `import "fmt"

file "/etc/role" {
	state => "exists",
	content => fmt.printf("%s\\n", $hostname),

	Before => Http:Client["/var/lib/told"],
}
http:client "/var/lib/told" {
	url => "http://${address}.1:4280/role?role=converged",
	method => "POST",
	mtime_check => false,
}
`;

const program = (installer: string, mirror: string): string => `import "embedded/provisioner"

include provisioner.base(struct{
	interface => "${bridge}",
	network => "${address}.0/24",
	router => "${address}.1/24",
	dns => ["${address}.1"],
	forward => false,
	prefix => "${directory}/cache/",
	binary => "${root}/dist/mgmt",
}) as base
include base.repo(struct{
	distro => "debian",
	version => "13",
	files => "${installer}/netboot/",
	mirror => "${mirror}",
}) as debian
include base.host("web1", struct{
	repo => $debian.uid,
	mac => "${mac}",
	ip => "${address}.21/24",
	bios => ${firmware === "bios"},
	domain => "lab.test",
	serial => "ttyS0",
	args => "mitigations=off ipv6.disable=1 anna/choose_modules=eatmydata-udeb debian-installer/allow_unauthenticated=true",
	swap => false,
	recommends => false,
	kernel => "linux-image-cloud-amd64",
	firmware => false,
	security => false,
	ntp => false,
	handoff_code => "${directory}/role/",
})

# What the mirror of this machine may lack.
http:server:file "/debian/dists/trixie/main/debian-installer/" {
	path => "${installer}/www/debian/dists/trixie/main/debian-installer/",
}
http:server:file "/debian/dists/trixie/Release" {
	path => "${installer}/www/debian/dists/trixie/Release",
}
http:server:file "/debian/pool/lab/" {
	path => "${installer}/www/debian/pool/lab/",
}

http:server:flag "/role" {
	key => "role",
}
print "role" {}
Http:Server:Flag["/role"].value -> Print["role"].msg
`;

statSync(join(root, "dist/mgmt")); // Says what is missing.
const started = performance.now();
const tell = (what: string): void => {
  const seconds = Math.round((performance.now() - started) / 1000);
  console.log(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}  ${what}`);
};

let said = "";
let heard = (): void => {};
mkdirSync(join(directory, "role"));
writeFileSync(join(directory, "role/main.mcl"), role);
await vm("can");
const installer = await script("di-mirror", "trixie");
const { stdout: targets } = await promisify(execFile)("apt-get", ["indextargets", "--format", "$(REPO_URI)"]);
const mirror =
  targets
    .split("\n")
    .find((url) => url.endsWith("/debian/"))
    ?.replace(/\/$/, "") ?? "";
writeFileSync(join(directory, "main.mcl"), program(installer, mirror));
await promisify(execFile)("ip", ["link", "add", bridge, "type", "bridge", "forward_delay", "0"]);
const running = spawn(join(root, "mgmt"), ["run", "--prefix", join(directory, "state"), join(directory, "main.mcl")]);
for (const stream of [running.stdout, running.stderr]) {
  stream.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    for (const [, line = ""] of text.matchAll(/^print\[(.*)$/gm)) tell(line.replace("]", ""));
    heard();
  });
}
const says = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    running.once("exit", () => reject(new Error(`mgmt has ended before it said ${text}`)));
    heard = () => {
      if (said.includes(text)) resolve();
    };
    heard();
  });

try {
  await says("print[machine web1]: armed");
  await vm("up", "web1", "--net-first", "--mac", mac, ...(firmware === "uefi" ? ["--uefi", "--plain"] : []));
  tell(`switched on, with ${firmware}`);
  await says("print[machine web1]: done");
  await vm("wait", "web1", "web1 login:", "1800");
  tell("booted from its disk");
  await says("print[role]: converged");
  tell("has its role");
  await vm("off", "web1");
  said = "";
  await vm("up", "web1", "--net-first", ...(firmware === "uefi" ? ["--uefi", "--plain"] : []));
  await vm("wait", "web1", "web1 login:", "900");
  tell("booted from the network again, and was sent to its disk");
} catch (reason) {
  console.log(said.slice(-4000));
  console.log((await vm("log", "web1")).slice(-4000));
  throw reason;
} finally {
  running.kill("SIGINT");
  await new Promise((resolve) => running.once("exit", resolve));
  await vm("down", "--all");
  await promisify(execFile)("ip", ["link", "del", bridge]);
  rmSync(directory, { recursive: true });
}
