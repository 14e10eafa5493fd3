// SPDX-License-Identifier: Apache-2.0
// The programs of `npm run bench -- provision`: that of the provisioner, and the one that the machines go on with.

export interface Machine {
  readonly name: string;
  readonly firmware: "bios" | "uefi";
  readonly mac: string;
  readonly ip: string;
}

export interface Place {
  readonly bridge: string;
  /** The first three parts of its addresses. */
  readonly network: string;
  readonly directory: string;
  /** Of test/lab/di-mirror. */
  readonly installer: string;
  readonly mirror: string;
  readonly binary: string;
  /** Of who may log in. */
  readonly sshKey: string;
}

/** Its role is what the provisioner says; that it has it, it tells the provisioner. Both through the store that they share. */
export const role = `import "world"

$task = world.getval("task")
if $task->exists {
	$text = $task->value
	file "/etc/role" {
		state => "exists",
		content => "\${hostname} has the task: \${text}\\n",

		Before => Kv["role"],
	}
	kv "role" {
		value => $text,
		mapped => true,
	}
}
`;

export const task = "converged";

export function programOf(place: Place, machines: readonly Machine[]): string {
  const { bridge, network, directory, installer, mirror, binary } = place;
  return `import "embedded/provisioner"
import "world"

include provisioner.base(struct{
	interface => "${bridge}",
	network => "${network}.0/24",
	router => "${network}.1/24",
	dns => ["${network}.1"],
	forward => false,
	prefix => "${directory}/cache/",
	binary => "${binary}",
}) as base
include base.repo(struct{
	distro => "debian",
	version => "13",
	files => "${installer}/netboot/",
	mirror => "${mirror}",
}) as debian
${machines.map((machine) => hostOf(machine, place)).join("")}
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

kv "task" {
	value => "${task}",
}
$roles = world.kvlookup("role")
${machines.map(({ name }) => `print "role of ${name}" {\n\tmsg => $roles["${name}"] <|> "none",\n}\n`).join("")}`;
}

function hostOf({ name, firmware, mac, ip }: Machine, { directory, sshKey }: Place): string {
  return `include base.host("${name}", struct{
	repo => $debian.uid,
	mac => "${mac}",
	ip => "${ip}/24",
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
	sshkey => "${sshKey}",
	handoff_code => "${directory}/role/",
	handoff_cluster => true,
})
`;
}
