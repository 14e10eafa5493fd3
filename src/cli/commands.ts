// SPDX-License-Identifier: Apache-2.0
// The one table of commands: parsing, help and completion come from it. The code of a command is loaded when it is run.

import type { CommandSpec } from "./command.ts";
import { hostsCommands } from "./commands/hosts.ts";
import { programsCommands } from "./commands/programs.ts";
import { provisioningCommands } from "./commands/provisioning.ts";
import { recordCommands } from "./commands/record.ts";
import { runningCommands } from "./commands/running.ts";
import { settingUpCommands } from "./commands/setting-up.ts";
import { thisProgramCommands } from "./commands/this-program.ts";

/** In the order of help. */
export const commands: readonly CommandSpec[] = [
  ...runningCommands,
  ...hostsCommands,
  ...recordCommands,
  ...programsCommands,
  ...provisioningCommands,
  ...settingUpCommands,
  ...thisProgramCommands,
];
