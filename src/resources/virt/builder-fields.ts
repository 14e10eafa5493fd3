// SPDX-License-Identifier: Apache-2.0
// What a program says of an image that is built, and mistakes in it that types cannot tell.

import { field, fromName, type Want } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { listType, strType, structType } from "../../values/type.ts";
import { structsOf, textOfField } from "./domain-fields.ts";
import { pathProblems } from "../files/possible-path.ts";

export const builderFields = {
  output: field.str({
    default: fromName,
    doc: "The image; the name of the resource if absent. One that is there stays as it is.",
  }),
  os_version: field.str({ doc: "What it is made from, as `virt-builder --list` shows it.", example: '"debian-12"' }),
  arch: field.str({ doc: "For which processors. Not given: those of this machine.", example: '"x86_64"' }),
  hostname: field.str({ doc: "The name of the machine in it. Not given: that of the system it is made from." }),
  format: field.str({ choices: ["raw", "qcow2"], doc: "The form of the image. Not given: `raw`." }),
  size: field.int64({ doc: "Its size in bytes. Not given: as large as need be.", example: "10737418240" }),
  packages: field.strings({ doc: "Packages that are installed in it.", example: '["openssh-server"]' }),
  update: field.bool({ default: true, doc: "Brings what is in it up to date." }),
  selinux_relabel: field.bool({
    default: true,
    doc: "Gives its files their SELinux contexts, at the first start if need be.",
  }),
  no_setup: field.bool({ doc: "Does not install virt-builder when this machine does not have it." }),
  ssh_keys: field.value(
    listType(
      structType([
        { name: "user", type: strType },
        { name: "type", type: strType },
        { name: "key", type: strType },
        { name: "comment", type: strType },
      ]),
    ),
    {
      doc: "SSH keys that may log in as a user of it.",
      example: '[struct{user => "root", type => "ssh-ed25519", key => "AAAAC3…", comment => "carol"}]',
    },
  ),
  root_ssh_inject: field.bool({
    default: true,
    doc: "Lets the key of whoever builds it log in as root, if there is one.",
  }),
  root_password_selector: field.str({
    secret: true,
    doc: "The password of root, as virt-builder takes it: `password:WORD`, `file:PATH`, `random`, `locked` or `disabled`. Not given: `disabled`.",
  }),
  bootstrap: field.bool({ default: true, doc: "Puts mgmt into it, as it runs here." }),
  seeds: field.strings({
    doc: "With `bootstrap`: the cluster that mgmt in it joins by itself.",
    example: '["https://192.0.2.1:2379"]',
  }),
  mkdir: field.strings({ doc: "Directories that are made in it.", example: '["/srv/app"]' }),
  copy_in: field.value(
    listType(
      structType([
        { name: "path", type: strType },
        { name: "dest", type: strType },
      ]),
    ),
    {
      doc: "Files and directories that are copied into a directory of it.",
      example: '[struct{path => "/srv/app.conf", dest => "/etc"}]',
    },
  ),
  run_cmd: field.strings({ doc: "Commands that run in it while it is built.", example: '["systemctl enable ssh"]' }),
  firstboot_cmd: field.strings({ doc: "Commands that run when it is started for the first time." }),
  log_output: field.bool({ default: true, doc: "Keeps what virt-builder says in a file of the state directory." }),
  tweaks: field.bool({
    default: true,
    doc: "Adds the agent by which the hypervisor asks it, and keeps its boot loader from asking anybody.",
  }),
};

export type BuilderWant = Want<typeof builderFields>;

export function checkBuilder(want: BuilderWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const say = (of: string, title: string, hint?: string) =>
    found.push({ field: of, title, ...(hint === undefined ? {} : { hint }) });
  if (!/^\/(?:.*\/)?[^/]+$/s.test(want.output))
    say(
      "output",
      `"${want.output}" is not the absolute path of a file`,
      'Write it like "/var/lib/libvirt/images/web1.qcow2".',
    );
  if (!/^[a-z0-9]+(?:[.-][a-z0-9.]+)+$/i.test(want.os_version)) {
    say(
      "os_version",
      want.os_version === ""
        ? "an image needs an `os_version`"
        : `"${want.os_version}" is no system with its version, such as "debian-12"`,
      "`virt-builder --list` shows those there are.",
    );
  }
  if (want.arch !== "" && !/^[a-z0-9_]+$/i.test(want.arch))
    say("arch", `"${want.arch}" is no architecture such as "x86_64"`);
  if (want.hostname !== "" && !/^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(want.hostname)) {
    say("hostname", `"${want.hostname}" is no name of a machine: it has letters, digits, dots and hyphens`);
  }
  if (want.size < 0n) say("size", `a size is not negative, and this is ${want.size}`, "0 is as large as need be.");
  for (const name of want.packages)
    if (!/^[^\s,\p{Cc}-][^\s,\p{Cc}]*$/u.test(name)) say("packages", `"${name}" is no name of a package`);
  for (const path of want.mkdir)
    if (!path.startsWith("/")) say("mkdir", `"${path}" is no absolute path`, 'Write it like "/srv/app".');
  for (const each of structsOf(want.copy_in)) {
    for (const name of ["path", "dest"]) {
      const path = textOfField(each, name);
      if (!/^\/[^:]*$/.test(path))
        say("copy_in", `"${path}" is no absolute path without a colon`, 'Write it like "/srv/app.conf", into "/etc".');
    }
  }
  for (const each of structsOf(want.ssh_keys)) {
    if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(textOfField(each, "user")))
      say("ssh_keys", "a key needs the name of a `user`");
    if (!/^[a-z0-9@.-]+$/.test(textOfField(each, "type"))) say("ssh_keys", "a key needs a `type`, such as ssh-ed25519");
    if (!/^[A-Za-z0-9+/]+=*$/.test(textOfField(each, "key")))
      say("ssh_keys", "the `key` of a key is written in base64", "It is the second word of a `.pub` file.");
  }
  if (!/^(?:(?:locked:)?(?:password:.+|file:\/.+|random|disabled)|locked|)$/.test(want.root_password_selector)) {
    say(
      "root_password_selector",
      "`root_password_selector` is none of password:WORD, file:PATH, random, locked and disabled",
    );
  }
  if (want.seeds.length > 0 && !want.bootstrap)
    say("seeds", "`seeds` needs `bootstrap`", "They are what mgmt in the image joins, once it is put there.");
  for (const seed of want.seeds)
    if (/[\s,"'\\$%]/.test(seed) || seed === "")
      say("seeds", `"${seed}" is no address such as "https://192.0.2.1:2379"`);
  const texts = [...want.mkdir, ...want.run_cmd, ...want.firstboot_cmd, want.root_password_selector];
  for (const each of [...structsOf(want.copy_in), ...structsOf(want.ssh_keys)])
    texts.push(...each.values.map((value) => (typeof value === "string" ? value : "")));
  if (texts.some((text) => /[^\P{Cc}\t]/u.test(text)))
    found.push({ title: "nothing of an image may have line ends or control characters in it" });
  found.push(...pathProblems({ output: want.output, mkdir: want.mkdir }));
  return found;
}
