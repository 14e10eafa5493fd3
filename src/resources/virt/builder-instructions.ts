// SPDX-License-Identifier: Apache-2.0
// What virt-builder is to do with an image, as lines of a file: each is an option of it without the dashes.

import type { ResourceEnv } from "../../contract/resource.ts";
import { bytesOf } from "../../values/bytes.ts";
import { ownSingleFile } from "../remote/own-program.ts";
import type { BuilderWant } from "./builder-fields.ts";
import { structsOf, textOfField } from "./domain-fields.ts";

/** `directory`: a private one for files that go into the image. */
export async function instructionsOf(want: BuilderWant, directory: string, env: ResourceEnv): Promise<string> {
  const lines: string[] = [];
  const isDebian = /^(?:debian|ubuntu)/.test(want.os_version);
  if (want.hostname !== "") lines.push(`hostname ${want.hostname}`);
  lines.push(`root-password ${want.root_password_selector === "" ? "disabled" : want.root_password_selector}`);
  // Its update would ask where it is to be put.
  if (want.tweaks && isDebian) lines.push("run-command apt-mark hold grub-pc grub-efi-amd64 || true");
  if (want.update) lines.push("update");
  const packages = [...want.packages, ...(want.tweaks ? ["qemu-guest-agent"] : [])];
  if (packages.length > 0) lines.push(`install ${[...new Set(packages)].join(",")}`);
  for (const path of want.mkdir) lines.push(`mkdir ${path}`);
  for (const each of structsOf(want.copy_in)) {
    lines.push(`copy-in ${textOfField(each, "path")}:${textOfField(each, "dest")}`);
  }
  if (want.root_ssh_inject && (await hasOwnKey(env))) lines.push("ssh-inject root");
  for (const each of structsOf(want.ssh_keys)) {
    const [user, ...key] = ["user", "type", "key", "comment"].map((name) => textOfField(each, name));
    lines.push(`ssh-inject ${user}:string:${key.join(" ").trim()}`);
  }
  if (want.bootstrap) lines.push(...(await bootstrap(want, directory, env)));
  for (const command of want.run_cmd) lines.push(`run-command ${command}`);
  for (const command of want.firstboot_cmd) lines.push(`firstboot-command ${command}`);
  if (want.selinux_relabel) lines.push("selinux-relabel");
  return lines.map((line) => `${line}\n`).join("");
}

async function hasOwnKey({ host, signal }: ResourceEnv): Promise<boolean> {
  const user = await host.identity.userName(host.identity.uid, signal);
  const home = user === undefined ? undefined : await host.identity.homeDirectory(user, signal);
  const directory = `${home ?? ""}/.ssh`;
  if ((await host.files.inspectTarget(directory, signal)) === undefined) return false;
  return (await host.files.list(directory, signal)).some((name) => /^id.*\.pub$/.test(name));
}

/** The program that we are. */
async function bootstrap(
  { seeds }: BuilderWant,
  directory: string,
  { host, signal }: ResourceEnv,
): Promise<readonly string[]> {
  const path = await ownSingleFile(host, "be put into an image", signal);
  const place = "/usr/local/bin";
  const lines = [`copy-in ${path}:${place}`];
  const name = path.slice(path.lastIndexOf("/") + 1);
  if (name !== "mgmt") lines.push(`move ${place}/${name}:${place}/mgmt`);
  lines.push(`chmod 0755:${place}/mgmt`);
  if (seeds.length === 0) return lines;
  const unit = `${directory}/mgmt.service`;
  const start = `${place}/mgmt run --seeds=${seeds.join(",")} empty`;
  const text = `[Unit]\nDescription=mgmt\nWants=network-online.target\nAfter=network-online.target\n\n[Service]\nExecStart=${start}\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n`;
  await host.files.write(unit, bytesOf(text), { mode: 0o644 }, signal);
  return [...lines, `copy-in ${unit}:/etc/systemd/system`, "run-command systemctl enable mgmt.service"];
}
