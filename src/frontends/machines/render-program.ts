// SPDX-License-Identifier: Apache-2.0
// The program that `mgmt provisioner` runs, written from the machines it was given. What is the same for all machines it asks
// from the functions of its module; so no password stands in it.

import type { FieldValue, Machine } from "./read-machines.ts";

export interface ProgramSettings {
  /** Of all machines that have no other ones: distro, version, arch. */
  readonly distro: string;
  readonly version: string;
  readonly arch: string;
}

/** mcl. */
export function renderProgram(machines: readonly Machine[], usual: ProgramSettings): string {
  const repos = new Map<string, string>();
  const included = machines.map((machine) => {
    const own = (field: string, value: string): string => textOf(machine.fields.get(field)) ?? value;
    const distro = own("distro", usual.distro);
    const version = own("version", distro === usual.distro ? usual.version : "");
    const arch = own("arch", usual.arch);
    const alias = aliasOf(distro, version, arch);
    repos.set(alias, repoOf(alias, distro, version, arch));
    return hostOf(machine, alias);
  });
  return `import "embedded/provisioner"

include provisioner.base(struct{
	interface => provisioner.cli_interface(),
	network => provisioner.cli_network(),
	router => provisioner.cli_router(),
	dns => provisioner.cli_dns(),
	prefix => provisioner.cli_prefix(),
	firewalld => provisioner.cli_firewalld(),
	entrance => provisioner.cli_entrance(),
	ports => provisioner.cli_ports(),
	discover => provisioner.cli_discover(),
	discover_loaders => provisioner.cli_discover_loaders(),
}) as base
${[...repos.values()].join("")}${included.join("")}`;
}

function aliasOf(...parts: readonly string[]): string {
  return `repo_${parts
    .join("_")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replace(/_+$/, "")}`;
}

function repoOf(alias: string, distro: string, version: string, arch: string): string {
  return `include base.repo(struct{
	distro => ${quoted(distro)},
	version => ${quoted(version)},
	arch => ${quoted(arch)},
	mirror => provisioner.cli_mirror(),
}) as ${alias}
`;
}

/** Those of a machine by itself, or else those of the command. */
const fromCommand: Readonly<Record<string, string>> = {
  bios: "provisioner.cli_bios()",
  part: "provisioner.cli_part()",
  luks: "provisioner.cli_luks()",
  flavour: "provisioner.cli_flavour()",
  packages: "provisioner.cli_packages()",
  handoff_exec: "provisioner.cli_handoff_exec()",
  handoff_code: "provisioner.cli_handoff_code()",
  handoff_modules: "provisioner.cli_handoff_module_path()",
  bmc_uri: "provisioner.cli_bmc_uri()",
  sources: "provisioner.cli_mirror()",
};

function hostOf({ name, mac, fields }: Machine, repo: string): string {
  const own = [...fields]
    .filter(([field]) => !["distro", "version", "arch"].includes(field))
    .map(([field, value]): [string, string] => [field, literalOf(value)]);
  const all = new Map([...Object.entries(fromCommand), ...own]);
  const lines = [...all].map(([field, value]) => `\t${field} => ${value},\n`);
  return `include base.host(${quoted(name)}, struct{
	repo => $${repo}.uid,
	mac => ${quoted(mac)},
	any => ${mac === ""},
	password => provisioner.cli_password(),
${lines.join("")}})
`;
}

function literalOf(value: FieldValue): string {
  if (typeof value === "string") return quoted(value);
  return typeof value === "boolean" ? String(value) : `[${value.map(quoted).join(", ")}]`;
}

/** A text of the language, in which nothing is replaced. */
function quoted(text: string): string {
  const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("${", "\\${").replaceAll("\n", "\\n");
  return `"${escaped}"`;
}

function textOf(value: FieldValue | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
