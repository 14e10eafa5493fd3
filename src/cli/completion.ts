// SPDX-License-Identifier: Apache-2.0
// `mgmt completion SHELL`

import type { Execute } from "./command.ts";
import { commands } from "./commands.ts";
import { bashScript } from "./completion/bash.ts";
import { completedCommands } from "./completion/completed-command.ts";
import { fishScript } from "./completion/fish.ts";
import { zshScript } from "./completion/zsh.ts";
import { exitStatus } from "./exit-status.ts";

export const execute: Execute = async ({ arguments: [shell], terminal }) => {
  const script = shell === "bash" ? bashScript : shell === "zsh" ? zshScript : fishScript;
  terminal.stdout(script(completedCommands(commands)));
  return exitStatus.good;
};
