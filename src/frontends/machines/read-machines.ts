// SPDX-License-Identifier: Apache-2.0
// Lists of machines, in YAML or CSV, for the provisioner: each machine with what is different about it. Text in, machines
// and problems out; what the fields mean is the business of the module embedded/provisioner.

import { parseDocument } from "yaml";
import { nearest } from "../../base/nearest.ts";

/** What a machine can have of its own. A field that is not there is as the command or the module has it. */
export interface Machine {
  readonly name: string;
  /** Lower case with colons. */
  readonly mac: string;
  readonly fields: ReadonlyMap<string, FieldValue>;
}

export type FieldValue = string | boolean | readonly string[];

export interface MachineList {
  readonly machines: readonly Machine[];
  /** A sentence for each thing that is wrong, with its place in front. */
  readonly problems: readonly string[];
}

const fieldKinds: Readonly<Record<string, "text" | "flag" | "texts">> = {
  ip: "text",
  bios: "flag",
  distro: "text",
  version: "text",
  arch: "text",
  flavour: "text",
  hostname: "text",
  domain: "text",
  part: "text",
  luks: "flag",
  disk: "text",
  swap: "flag",
  packages: "texts",
  sshkey: "text",
  sshkeys: "texts",
  serial: "text",
  args: "text",
  kernel: "text",
  recommends: "flag",
  firmware: "flag",
  security: "flag",
  ntp: "flag",
  poweroff: "flag",
  locale: "text",
  keymap: "text",
  zone: "text",
  provision: "flag",
  arm: "text",
  handoff_exec: "text",
  handoff_code: "text",
  handoff_seeds: "texts",
  handoff_join: "text",
  handoff_cluster: "flag",
  handoff_ssh_url: "text",
  handoff_ssh_hostkey: "text",
  handoff_modules: "text",
  bmc_uri: "text",
};

const allFields = ["name", "mac", ...Object.keys(fieldKinds)];

/** `format` is that of the file's name. */
export function readMachines(text: string, format: "yaml" | "csv"): MachineList {
  const problems: string[] = [];
  const rows = format === "yaml" ? rowsOfYaml(text, problems) : rowsOfCsv(text, problems);
  const machines = rows.flatMap(({ place, row }) => machineOf(row, place, problems) ?? []);
  for (const what of ["name", "mac", "ip"] as const) tellTwice(machines, what, problems);
  return { machines: problems.length === 0 ? machines : [], problems };
}

interface Row {
  readonly place: string;
  readonly row: Readonly<Record<string, unknown>>;
}

function rowsOfYaml(text: string, problems: string[]): readonly Row[] {
  const document = parseDocument(text);
  for (const error of document.errors) problems.push(error.message.split("\n")[0] ?? error.message);
  if (problems.length > 0) return [];
  const found: unknown = document.toJS();
  if (!Array.isArray(found)) {
    problems.push("a list of machines begins each with a dash: `- name: web1`");
    return [];
  }
  return found.flatMap((row: unknown, index) => {
    const place = `machine ${index + 1}`;
    if (typeof row === "object" && row !== null && !Array.isArray(row)) return [{ place, row: { ...row } }];
    problems.push(`${place}: it has no fields`);
    return [];
  });
}

/** The first line names the fields; values with commas or quotes stand in double quotes, lists are parted by blanks. */
function rowsOfCsv(text: string, problems: string[]): readonly Row[] {
  const [header = [], ...lines] = cellsOf(text, problems);
  return lines.flatMap((cells, index) => {
    const place = `line ${index + 2}`;
    if (cells.length > header.length) problems.push(`${place}: more values than the first line has fields`);
    const row = Object.fromEntries(header.map((name, at) => [name.trim(), (cells[at] ?? "").trim()]));
    return [{ place, row: Object.fromEntries(Object.entries(row).filter(([, value]) => value !== "")) }];
  });
}

function cellsOf(text: string, problems: string[]): readonly (readonly string[])[] {
  const lines: string[][] = [];
  let cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  const endCell = (): void => {
    cells.push(cell);
    cell = "";
  };
  const endLine = (): void => {
    endCell();
    if (cells.some((each) => each.trim() !== "") && !(cells[0] ?? "").startsWith("#")) lines.push(cells);
    cells = [];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? "";
    if (isQuoted) {
      if (letter !== '"') cell += letter;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else isQuoted = false;
    } else if (letter === '"' && cell.trim() === "") {
      cell = "";
      isQuoted = true;
    } else if (letter === ",") endCell();
    else if (letter === "\n") endLine();
    else if (letter !== "\r") cell += letter;
  }
  if (isQuoted) problems.push("a quote is never closed");
  if (cell !== "" || cells.length > 0) endLine();
  return lines;
}

function machineOf(row: Row["row"], place: string, problems: string[]): Machine | undefined {
  const before = problems.length;
  const mac = hardwareAddressOf(row["mac"]);
  if (mac === undefined) problems.push(`${place}: mac is no hardware address; write 52:54:00:12:34:56`);
  const name = row["name"] ?? mac?.replaceAll(":", "-");
  const who = typeof name === "string" && name !== "" ? name : place;
  if (typeof name !== "string" || !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name))
    problems.push(`${place}: name is made of small letters, digits, dots and hyphens`);
  const fields = new Map<string, FieldValue>();
  for (const [key, value] of Object.entries(row)) {
    if (key === "name" || key === "mac") continue;
    const kind = fieldKinds[key];
    if (kind === undefined) {
      const meant = nearest(key, allFields);
      problems.push(`${who}: there is no field ${key}${meant === undefined ? "" : `; did you mean ${meant}?`}`);
      continue;
    }
    const read = valueOf(value, kind);
    if (read === undefined) problems.push(`${who}: ${key} is ${wanted[kind]}`);
    else fields.set(key, read);
  }
  const ip = fields.get("ip");
  if (typeof ip === "string" && !/^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$/.test(ip))
    problems.push(`${who}: ip has the length of the network part behind it, 192.168.42.13/24`);
  if (problems.length > before || mac === undefined) return undefined;
  return { name: who, mac, fields };
}

const wanted = {
  text: "a text",
  flag: "true or false",
  texts: "a list of texts",
} as const;

function valueOf(value: unknown, kind: keyof typeof wanted): FieldValue | undefined {
  if (kind === "flag") {
    if (typeof value === "boolean") return value;
    return value === "true" ? true : value === "false" ? false : undefined;
  }
  if (kind === "texts") {
    if (typeof value === "string") return value.split(/\s+/).filter((part) => part !== "");
    return Array.isArray(value) && value.every((part) => typeof part === "string") ? value : undefined;
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}

function hardwareAddressOf(value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  const mac = value.trim().toLowerCase().replaceAll("-", ":");
  return /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac) ? mac : undefined;
}

function tellTwice(machines: readonly Machine[], what: "name" | "mac" | "ip", problems: string[]): void {
  const seen = new Map<string, string>();
  for (const machine of machines) {
    const value = what === "ip" ? machine.fields.get("ip") : machine[what];
    if (typeof value !== "string") continue;
    const other = seen.get(value);
    if (other !== undefined) problems.push(`${machine.name}: it has the ${what} of ${other}`);
    else seen.set(value, machine.name);
  }
}
