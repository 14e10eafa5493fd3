// SPDX-License-Identifier: Apache-2.0
// What must be there before a command can run: its program, and the user and group that it runs as.

import type { AutomaticEdges, Wish } from "../../../contract/automatic.ts";
import { cleanPath } from "../../files/path.ts";
import { argvOf } from "./command-line.ts";
import { packagedPath } from "../../packages/pkg/packaged-path.ts";
import type { ExecWant } from "./fields.ts";

export const execEdges = {
  reads: [
    "cmd",
    "shell",
    "watchcmd",
    "watchshell",
    "ifcmd",
    "ifshell",
    "nifcmd",
    "nifshell",
    "donecmd",
    "doneshell",
    "user",
    "group",
  ],
  offers: () => [], // A command is nothing that others could name.
  *wishes(want) {
    for (const program of programsOf(want)) {
      yield before("path", program, "runs");
      yield { order: "before", anyOf: [packagedPath(program)], why: "runs a program of" };
    }
    if (want.user !== "") yield before("user", want.user, "runs as");
    if (want.group !== "") yield before("group", want.group, "runs in");
  },
} as const satisfies AutomaticEdges<ExecWant>;

/** Absolute paths only: where a bare name is found is decided by the machine. */
function programsOf(want: ExecWant): ReadonlySet<string> {
  const commands: readonly (readonly [cmd: string, shell: string])[] = [
    [want.cmd, want.shell],
    [want.watchcmd, want.watchshell],
    [want.ifcmd, want.ifshell],
    [want.nifcmd, want.nifshell],
    [want.donecmd, want.doneshell],
  ];
  const programs = commands.filter(([cmd]) => cmd !== "").map(([cmd, shell]) => argvOf({ cmd, shell, cwd: "" })[0]);
  return new Set(programs.filter((program) => program.startsWith("/")).map(cleanPath));
}

function before(space: "path" | "user" | "group", id: string, why: string): Wish {
  return { order: "before", anyOf: [{ space, id }], why };
}
