// SPDX-License-Identifier: Apache-2.0
// The module os.

import type { FunctionDefinition } from "../../contract/function.ts";
import { commandLine } from "./command-line.ts";
import { distribution } from "./distribution.ts";
import { files } from "./files.ts";
import { kernel } from "./kernel.ts";
import { system } from "./system.ts";
import { users } from "./users.ts";

export const os: readonly FunctionDefinition[] = [commandLine, ...distribution, ...files, ...kernel, system, ...users];
