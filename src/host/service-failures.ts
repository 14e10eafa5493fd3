// SPDX-License-Identifier: Apache-2.0
// What goes wrong with services, worded for a system administrator. Both hosts say the same.

import { Failure, type Retry } from "../contract/failure.ts";
import type { BusScope } from "./bus-failures.ts";

export function noServiceManager(): Failure {
  return new Failure("no service manager that mgmt knows runs on this machine: neither systemd, OpenRC nor runit", {
    code: "unsupported",
    hint: "in a container without one, run the program itself",
  });
}

export function noSessionServices(kind: string): Failure {
  return new Failure(`${kind} keeps no services of users`, {
    code: "unsupported",
    hint: "leave `session` out, for a service of the machine",
  });
}

export function noSuchUnit(unit: string, scope: BusScope): Failure {
  const whose = scope === "session" ? "this user" : "this machine";
  return new Failure(`${whose} has no unit ${unit}`, {
    code: "not-found",
    hint: "install the package that has it, or write its unit file with a `file` before this resource",
  });
}

export function wrongDefinition(unit: string, why: string): Failure {
  return new Failure(`the definition of ${unit} is wrong: ${why}`, {
    code: "invalid",
    hint: `\`systemd-analyze verify ${unit}\` says more`,
  });
}

/** `lines` are the last ones that it wrote. */
export function couldNot(
  what: string,
  unit: string,
  why: string,
  lines: readonly string[],
  retry: Retry = "never",
): Failure {
  const hint =
    lines.length === 0
      ? `\`systemctl status ${unit}\` says more`
      : `its last words:\n${lines.map((line) => `  ${line}`).join("\n")}`;
  return new Failure(`could not ${what} ${unit}: ${why}`, { code: "command-failed", hint, retry });
}

/** A oneshot that ends is no service that runs. */
export function endsAtOnce(unit: string, lines: readonly string[]): Failure {
  return new Failure(`${unit} was started and has ended, so it does not run`, {
    code: "command-failed",
    hint:
      lines.length === 0
        ? "what does its work and ends needs `RemainAfterExit=yes` to count as running; a `cron` resource runs it again and again"
        : `its last words:\n${lines.map((line) => `  ${line}`).join("\n")}`,
  });
}

export function isMasked(unit: string, cause?: unknown): Failure {
  return new Failure(`${unit} is masked, so nothing may start it`, {
    code: "conflict",
    hint: '`startup => "enabled"` or `"disabled"` of a `svc` takes the mask away',
    cause,
  });
}

/** `path` is the mask: one that a package has brought, or that of a template. */
export function staysMasked(unit: string, path: string): Failure {
  return new Failure(`${unit} stays masked by ${path}, which is not for this program to remove`, {
    code: "conflict",
    hint: path.endsWith(`/${unit}`)
      ? `its package wants it so: leave it with \`startup => "masked"\`, or write a unit file /etc/systemd/system/${unit}`
      : `all of its template are masked: leave it with \`startup => "masked"\`, or remove ${path} with a \`file\``,
  });
}

export function cannotBeEnabled(unit: string, word: string): Failure {
  return new Failure(`${unit} cannot be enabled: it is ${word}`, {
    code: "unsupported",
    hint: "its unit file has no [Install] section that says so, or is made by a generator; something else starts it",
  });
}

/** Masking puts a link where the administrator's own file is. */
export function ownDefinitionInTheWay(unit: string, cause?: unknown): Failure {
  return new Failure(`${unit} cannot be masked: its own unit file is in the place of the mask`, {
    code: "exists",
    hint: `move /etc/systemd/system/${unit} away, or remove it with a \`file\` before this resource`,
    cause,
  });
}
