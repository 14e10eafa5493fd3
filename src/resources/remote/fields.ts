// SPDX-License-Identifier: Apache-2.0
// The fields of `remote`, and the mistakes that can be told before anybody is reached.

import { field, fromName, optional, type Want } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import type { TunnelAddress } from "../../contract/ssh.ts";
import { wrongFilePath } from "../files/home-path.ts";
import { isHostKey, parseSshUrl } from "./ssh-url.ts";
import { pathProblems } from "../files/possible-path.ts";

export const fields = {
  remote: field.str({
    default: fromName,
    secret: true,
    doc: "The other machine: `[ssh://][USER[:PASSWORD]@]HOST[:PORT]`; the name of the resource when not given. Without a user it is root.",
    example: '"ssh://root@web1.example.com:22"',
  }),
  hostname: field.str({
    doc: "The name of that host in the cluster. Not given: it is asked for its own.",
    example: '"web1"',
  }),
  state: field.str({
    default: "running",
    choices: ["running", "stopped"],
    doc: "Whether mgmt runs there.",
  }),
  ssh_id: optional(
    field.str({
      doc: "The file of the private key to be let in with. Not given: all `~/.ssh/id_*` and those of the SSH agent; empty: none.",
      example: '"~/.ssh/deploy"',
    }),
  ),
  hostkey: field.str({
    doc: "The key that the other machine must have, in Base64. Not given: as `known_hosts` says.",
    example: '"AAAAC3NzaC1lZDI1NTE5AAAAIAcZcUjfTZBFx5zaxaZzD7yRdMkjmvyO3fq9fhHsLwcO"',
  }),
  interactive: field.bool({ doc: "Asks for a password at the terminal when nothing else lets us in." }),
  interactive_timeout: field.int({
    bits: 32,
    unsigned: true,
    doc: "How many seconds the person has for each answer; `0`: as many as it takes.",
  }),
  max_password_tries: field.int({ bits: 32, doc: "How often the person is asked; `0`: three times." }),
  allow_cleartext_password: field.bool({ doc: "Lets a password stand in `remote`." }),
  caching: field.bool({
    default: true,
    doc: "What was copied stays there, in `/var/lib/mgmt/remote/`, so that it is copied once. Otherwise it goes into `~/.mgmt/remote/` and is removed afterwards.",
  }),
  transient: field.bool({
    default: true,
    doc: "The resource lasts until mgmt there has ended, and ends it with this run. Otherwise mgmt there is started and left running.",
  }),
  tunnelled: field.bool({
    default: true,
    doc: "Leads mgmt there to the store of the cluster through the SSH connection; needs `transient`. Otherwise it must reach it by itself.",
  }),
  tunnel_addr: field.str({
    default: "127.0.0.1:2379",
    doc: "Where the tunnel begins on the other machine; port `0`: any that is free.",
    example: '"127.0.0.1:0"',
  }),
  install_deps: field.bool({
    doc: "Installs what mgmt needs there, with dnf, yum or apt-get, if it does not start without.",
  }),
  converger_timeout: optional(
    field.int({
      bits: 32,
      unsigned: true,
      doc: "Ends mgmt there when it has been as declared for so many seconds; needs `transient`. Not given: as this run, if it ends so itself.",
      example: "5",
    }),
  ),
};

export type RemoteWant = Want<typeof fields>;

export function checkRemote(want: RemoteWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const say = (where: string, title: string, hint?: string): void => {
    found.push({ field: where, title, ...(hint === undefined ? {} : { hint }) });
  };
  const url = parseSshUrl(want.remote);
  if (url === undefined)
    say("remote", "this is no other machine", 'Write it as "root@web1", or "ssh://me@192.0.2.7:2222".');
  if (url?.password !== undefined) {
    if (!want.allow_cleartext_password) {
      say("remote", "there is a password in it", "Use a key, or `interactive`; or set `allow_cleartext_password`.");
    }
    if (want.remote === name) {
      say(
        "remote",
        "the name of a resource is shown everywhere, and this one has a password in it",
        "Give another name, and the password in `remote`.",
      );
    }
  }
  if (url?.hostKey !== undefined && want.hostkey !== "" && want.hostkey !== url.hostKey) {
    say("hostkey", "there is another host key in `remote`", "Give it in one of the two alone.");
  }
  if (want.hostkey !== "" && !isHostKey(want.hostkey)) {
    say(
      "hostkey",
      "this is no key of a host",
      "It is the long text in a line of `ssh-keyscan`, which begins with AAAA.",
    );
  }
  if (want.hostname !== "" && !/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/.test(want.hostname)) {
    say(
      "hostname",
      `"${want.hostname}" is no name of a host: it has letters, digits and . _ -`,
      'Write it like "web1".',
    );
  }
  const wrong = want.ssh_id === undefined || want.ssh_id === "" ? undefined : wrongFilePath(want.ssh_id);
  if (wrong !== undefined) say("ssh_id", wrong, "Write it like `/root/.ssh/id_ed25519`, or with `~/` in front.");
  found.push(...pathProblems({ ssh_id: want.ssh_id }));
  if (want.max_password_tries < 0) say("max_password_tries", `nobody can be asked ${want.max_password_tries} times`);
  if (want.max_password_tries > 0 && !want.interactive)
    say("max_password_tries", "`max_password_tries` needs `interactive`", "It is about passwords that a person types.");
  if (want.interactive_timeout > 0 && !want.interactive)
    say(
      "interactive_timeout",
      "`interactive_timeout` needs `interactive`",
      "It is about passwords that a person types.",
    );
  if (want.tunnelled && !want.transient) {
    say(
      "tunnelled",
      "a tunnel ends with the connection, and so `tunnelled` needs `transient`",
      "Set `tunnelled => false`.",
    );
  }
  if (want.converger_timeout !== undefined && !want.transient) {
    say("converger_timeout", "what is to run for ever does not end: `converger_timeout` needs `transient`");
  }
  if (parseTunnelAddress(want.tunnel_addr) === undefined) {
    say("tunnel_addr", `"${want.tunnel_addr}" is no address with a port`, "Write it as `127.0.0.1:2379`.");
  }
  return found;
}

export function parseTunnelAddress(text: string): TunnelAddress | undefined {
  const [, bracketed, plain, port] = /^(?:\[([0-9A-Fa-f:.]+)\]|([\w.-]+)):([0-9]{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  return host === undefined || Number(port) > 65_535 ? undefined : { host, port: Number(port) };
}
