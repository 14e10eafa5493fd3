// SPDX-License-Identifier: Apache-2.0
// Run inside of a lab host by `npm run bench -- server`: 20 files, 5 packages that are installed, 3 services and 5 users, kept
// by mgmt and by its peers from Debian, each in turns. Cold: no file, no user, no service runs. The whole process, from its
// start to its end; what it has made is looked at each time.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { install } from "../test/lab/inside.ts";

const root = join(import.meta.dirname, "..");
const built = join(root, "dist/mgmt");
const mgmt = existsSync(built) ? built : join(root, "mgmt");
const directory = "/root/peers";
mkdirSync(directory, { recursive: true });

const files = Array.from({ length: 20 }, (_, at) => `/srv/files/f${at}`);
const packages = ["tree", "figlet", "hello", "less", "procps"];
const services = ["one", "two", "three"];
const users = ["amy", "ben", "cleo", "dan", "eve"];
const content = (file: string): string => `I am ${file}, and I am as declared.`;

interface Tool {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly command: readonly [string, ...string[]];
  readonly rounds: number;
}

const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");
const each = (names: readonly string[], render: (name: string) => string): string => names.map(render).join("");

const tools: readonly Tool[] = [
  {
    name: "mgmt",
    file: "site.mcl",
    text:
      each(files, (file) => `file "${file}" {\n\tstate => "exists",\n\tcontent => "${content(file)}\\n",\n}\n`) +
      `pkg [${quoted(packages)}] {}\n` +
      `svc [${quoted(services)}] {\n\tstate => "running",\n\tstartup => "enabled",\n}\n` +
      `user [${quoted(users)}] {\n\tshell => "/bin/bash",\n}\n`,
    command: [mgmt, "run", "--once", "--tmp-prefix", "site.mcl"],
    rounds: 5,
  },
  {
    name: "Puppet",
    file: "site.pp",
    text:
      each(files, (file) => `file { '${file}': content => "${content(file)}\\n" }\n`) +
      `package { [${quoted(packages)}]: ensure => installed }\n` +
      `service { [${quoted(services)}]: ensure => running, enable => true }\n` +
      `user { [${quoted(users)}]: ensure => present, shell => '/bin/bash' }\n`,
    command: ["puppet", "apply", "site.pp"],
    rounds: 3,
  },
  {
    name: "Ansible",
    file: "site.yaml",
    text: `- hosts: localhost
  connection: local
  gather_facts: false
  tasks:
    - copy: {content: "I am {{ item }}, and I am as declared.\\n", dest: "{{ item }}"}
      loop: [${quoted(files)}]
    - apt: {name: [${quoted(packages)}], state: present}
    - service: {name: "{{ item }}", state: started, enabled: true}
      loop: [${quoted(services)}]
    - user: {name: "{{ item }}", shell: /bin/bash, create_home: false}
      loop: [${quoted(users)}]
`,
    command: ["ansible-playbook", "--inventory=localhost,", "site.yaml"],
    rounds: 2,
  },
  {
    name: "CFEngine",
    file: "site.cf",
    text: `body common control
{
  inputs => { "/usr/share/cfengine3/masterfiles/lib/stdlib.cf" };
  bundlesequence => { "main" };
}
bundle agent main
{
  vars:
    "packages" slist => { ${quoted(packages)} };
    "services" slist => { ${quoted(services)} };
    "users" slist => { ${quoted(users)} };
  files:
${each(files, (file) => `    "${file}" create => "true", content => "${content(file)}$(const.n)";\n`)}
  packages:
    "$(packages)" package_policy => "add", package_method => apt_get;
  users:
    "$(users)" policy => "present", shell => "/bin/bash";
  services:
    "$(services)" service_policy => "start";
}
`,
    command: ["cf-agent", "--no-lock", "--file", `${directory}/site.cf`],
    rounds: 3,
  },
];

const quietly = (...argv: readonly [string, ...string[]]) => {
  const [program, ...args] = argv;
  return spawnSync(program, args, { encoding: "utf8", cwd: directory, maxBuffer: 2 ** 26 });
};

function makeCold(): void {
  rmSync("/srv/files", { recursive: true, force: true });
  mkdirSync("/srv/files");
  quietly("systemctl", "disable", "--now", ...services);
  for (const name of users) quietly("userdel", name);
}

/** Whether it has made what was asked for. */
function whatIsWrong(): string | undefined {
  for (const file of files) {
    if (!existsSync(file) || readFileSync(file, "utf8") !== `${content(file)}\n`) return file;
  }
  for (const name of services) if (quietly("systemctl", "is-active", name).status !== 0) return name;
  const passwd = readFileSync("/etc/passwd", "utf8");
  return users.find((name) => !new RegExp(`^${name}:.*:/bin/bash$`, "m").test(passwd));
}

function timed({ name, command }: Tool): number {
  const started = performance.now();
  const { status, stdout, stderr } = quietly(...command);
  const ms = performance.now() - started;
  if (status !== 0) throw new Error(`${name} ended with ${status}: ${stdout}${stderr}`);
  const wrong = whatIsWrong();
  if (wrong !== undefined) throw new Error(`${name} has not made ${wrong}: ${stdout}${stderr}`);
  return ms;
}

await install("puppet", "ansible-core", "cfengine3", ...packages);
for (const name of services) {
  const unit = "[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n";
  writeFileSync(`/etc/systemd/system/${name}.service`, unit);
}
quietly("systemctl", "daemon-reload");
for (const { file, text } of tools) writeFileSync(join(directory, file), text, { mode: 0o600 });

const rows: { readonly name: string; readonly cold: number; readonly again: number }[] = [];
for (const tool of tools) {
  let [cold, again] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  try {
    for (let round = 0; round < tool.rounds; round += 1) {
      makeCold();
      cold = Math.min(cold, timed(tool));
      again = Math.min(again, timed(tool));
    }
    rows.push({ name: tool.name, cold, again });
  } catch (reason) {
    console.log(`left out: ${reason instanceof Error ? reason.message.slice(0, 2000) : String(reason)}`);
  }
}
const [ours = { cold: 1, again: 1 }] = rows;
console.log("| | cold | as declared |\n|---|---|---|");
for (const { name, cold, again } of rows) {
  const cell = (ms: number, our: number): string => `${(ms / 1000).toFixed(2)} s, ${(ms / our).toFixed(1)} ×`;
  console.log(`| ${name} | ${cell(cold, ours.cold)} | ${cell(again, ours.again)} |`);
}
