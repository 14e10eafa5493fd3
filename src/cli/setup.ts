// SPDX-License-Identifier: Apache-2.0
// `mgmt setup WHAT`

import { isSea } from "node:sea";
import { thisMachine } from "../agent/machine.ts";
import { installUnit } from "../agent/setup/install-unit.ts";
import { firstBootUnit, serviceUnit } from "../agent/setup/unit-texts.ts";
import { Failure } from "../contract/failure.ts";
import type { Execute, Invocation } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { fileOption, textOption } from "./option-values.ts";

export const execute: Execute = async (invocation) => {
  const { terminal, options } = invocation;
  const [what, ...more] = invocation.arguments;
  if (more.length === 0 && what === "pkg") {
    terminal.stderr("mgmt: it is one file, which needs no packages; kinds that use a program of the machine say so\n");
    return exitStatus.good;
  }
  const unit = more.length > 0 ? undefined : unitOf(what, invocation);
  if (unit === undefined) {
    terminal.stderr("mgmt: `mgmt setup` takes one of svc, firstboot and pkg\n  hint: mgmt setup --help\n");
    return exitStatus.usage;
  }
  const [install, enable, start] = ["install", "enable", "start"].map((name) => options[name] === true);
  if (install !== true && enable !== true && start !== true) {
    terminal.stderr("mgmt: nothing is to be done\n  hint: --install, --enable, --start, or all of them\n");
    return exitStatus.usage;
  }
  const host = thisMachine();
  const { signal } = new AbortController();
  if (options.mkdir === true && what === "firstboot") {
    const scripts = directoryOption(invocation, "scriptsDir") ?? usualScripts;
    const path = scripts.slice(0, -1);
    if ((await host.files.inspect(path, signal)) === undefined) {
      await host.files.createDirectory(path, { parents: true, mode: 0o700 }, signal);
    }
  }
  const wish = { ...unit, install: install === true, enable: enable === true, start: start === true };
  const done = await installUnit(wish, host, signal);
  for (const line of done) terminal.stderr(`mgmt: ${line}\n`);
  if (done.length === 0) terminal.stderr(`mgmt: ${unit.name} is so already\n`);
  return exitStatus.good;
};

export const usualScripts = "/var/lib/mgmt/firstboot/";

function unitOf(what: string | undefined, invocation: Invocation) {
  const executable = fileOption(invocation, "binaryPath") ?? (isSea() ? process.execPath : "/usr/bin/mgmt");
  switch (what) {
    case "svc":
      return { name: "mgmt.service", text: serviceUnit({ executable, args: runArguments(invocation) }) };
    case "firstboot":
      return {
        name: "mgmt-firstboot.service",
        text: firstBootUnit({ executable, args: firstBootArguments(invocation) }),
      };
    default:
      return undefined;
  }
}

/** What the service is to be run with: those options of `mgmt run` that are taken, and the program. */
function runArguments(invocation: Invocation): readonly string[] {
  const { options } = invocation;
  const seeds = Array.isArray(options.seeds) ? (options.seeds as readonly string[]) : [];
  const given = (name: string, flag: string): readonly string[] => {
    const value = textOption(options, name);
    return value === undefined ? [] : [`${flag}=${value}`];
  };
  return [
    ...given("hostname", "--hostname"),
    ...seeds.map((url) => `--seeds=${url}`),
    ...given("join", "--join"),
    ...given("sshUrl", "--ssh-url"),
    ...given("sshHostkey", "--ssh-hostkey"),
    ...given("sshId", "--ssh-id"),
    ...(options.autoedges === false ? ["--no-autoedges"] : []),
    ...(options.autogroup === false ? ["--no-autogroup"] : []),
    fileOption(invocation, "program") ?? "empty",
  ];
}

function firstBootArguments(invocation: Invocation): readonly string[] {
  const lock = fileOption(invocation, "lockFilePath");
  const directories = [["scriptsDir", "--scripts-dir"], ["doneDir", "--done-dir"], ["loggingDir", "--logging-dir"]] as const; // biome-ignore format: one line
  return [
    ...(lock === undefined ? [] : [`--lock-file-path=${lock}`]),
    ...directories.flatMap(([name, flag]) => {
      const path = directoryOption(invocation, name);
      return path === undefined ? [] : [`${flag}=${path}`];
    }),
  ];
}

/** Ends in `/`. Fails with `invalid` when it does not as it is given. */
export function directoryOption(invocation: Invocation, name: string): string | undefined {
  const given = textOption(invocation.options, name);
  if (given === undefined) return undefined;
  if (!given.endsWith("/")) {
    throw new Failure(`${given} is to be a directory, so it must end in a slash`, { code: "invalid" });
  }
  const path = fileOption(invocation, name) ?? "";
  return path === "/" ? path : `${path}/`;
}
