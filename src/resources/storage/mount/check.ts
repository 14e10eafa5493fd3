// SPDX-License-Identifier: Apache-2.0
// Mistakes in what a program wants of a mount.

import type { WantProblem } from "../../../contract/resource.ts";
import { cleanPath } from "../../files/path.ts";
import { isBind, type MountWant } from "./fields.ts";
import { pathProblems } from "../../files/possible-path.ts";

export function checkMount(want: MountWant, name: string): readonly WantProblem[] {
  return [...problemsOf(want, name)];
}

const tags = /^(?:UUID|LABEL|PARTUUID|PARTLABEL)=/;

function* problemsOf(want: MountWant, name: string): Iterable<WantProblem> {
  const { state, device, type, options } = want;
  if (!name.startsWith("/") || /\p{Cc}/u.test(name)) {
    yield {
      title: `"${name}" is not the absolute path of a directory to mount something at`,
      hint: 'Write it like "/srv/data".',
    };
  } else if (state === "absent" && cleanPath(name) === "/") {
    yield { field: "state", title: "the root of all files cannot be unmounted" };
  }
  for (const { title } of pathProblems({ name })) yield { title };
  yield* pathProblems({ device });
  for (const [option, value] of options) yield* optionProblems(option, value);
  if (state === "absent") return;
  if (device === "")
    yield {
      field: "device",
      title: "a mount needs a `device`: what is mounted",
      hint: 'Write it like "/dev/sdb1", "UUID=…" or "nas:/export".',
    };
  else if (/\p{Cc}/u.test(device))
    yield { field: "device", title: "the device must be a single line, without control characters" };
  else if (tags.test(device) && device.endsWith("=")) {
    yield {
      field: "device",
      title: `there is nothing behind the sign in "${device}"`,
      hint: 'Write it like "LABEL=data".',
    };
  } else if (isBind(options) && !device.startsWith("/")) {
    yield {
      field: "device",
      title: `with \`bind\` the device must be an absolute path, and not "${device}"`,
      hint: "It is the directory that is to be seen at the other place, too.",
    };
  }
  if (type === "" && !isBind(options)) {
    yield {
      field: "type",
      title: "a mount needs the `type` of the file system",
      hint: '"auto" lets the system find out.',
    };
  } else if (/[\s,\p{Cc}]/u.test(type))
    yield {
      field: "type",
      title: `"${type}" is no type of a file system`,
      hint: 'Write it like "ext4", "nfs" or "tmpfs".',
    };
}

function* optionProblems(option: string, value: string): Iterable<WantProblem> {
  if (!/^[^\s,="\p{Cc}]+$/u.test(option)) {
    yield { field: "options", title: `"${option}" is no name of an option`, hint: 'Write `{"size" => "64m"}`.' };
  } else if (/\p{Cc}/u.test(value) || !/^(?:[^,"]|"[^"]*")*$/.test(value)) {
    yield {
      field: "options",
      title: `the value of the option "${option}" has a comma or a line end in it`,
      hint: "A comma may stand in quotes, if the file system takes those.",
    };
  }
}
