// SPDX-License-Identifier: Apache-2.0
// `mgmt version`

import packageFile from "../../package.json" with { type: "json" };
import type { Execute } from "./command.ts";
import { exitStatus } from "./exit-status.ts";

export const version: string = packageFile.version;

export const execute: Execute = async ({ options, terminal }) => {
  const runtime = process.version.slice(1);
  const text = options.json === true ? JSON.stringify({ version, runtime }) : `mgmt ${version} (Node.js ${runtime})`;
  terminal.stdout(`${text}\n`);
  return exitStatus.good;
};
