// SPDX-License-Identifier: Apache-2.0
// `mgmt deploy --history`

import { deployHistory, type PastDeploy } from "../agent/deploys/deploy.ts";
import { thisMachine } from "../agent/machine.ts";
import type { Invocation } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { timeText } from "./times.ts";

export async function showHistory(
  exchange: Parameters<typeof deployHistory>[0],
  { options, terminal }: Invocation,
  signal: AbortSignal,
): Promise<number> {
  const history = await deployHistory(exchange, signal);
  const { clock } = thisMachine();
  for (const deploy of history) {
    const { record, isSigned, state, hosts } = deploy;
    if (options.json === true) {
      const line = { version: 1, type: "deploy", ...record, isSigned, hosts, ...(state && { rolloutState: state }) };
      terminal.stdout(`${JSON.stringify(line)}\n`);
    } else {
      terminal.stdout(historyLine(deploy, timeText(record.atMs, clock.now(), clock)));
    }
  }
  if (history.length === 0 && options.json !== true) terminal.stdout("nothing was deployed yet\n");
  return exitStatus.good;
}

function historyLine({ record, isSigned, state, hosts }: PastDeploy, at: string): string {
  const { id, name, by, commit, bringsBack, settings } = record;
  const parts = [
    `${id}  ${at}  ${by}  ${name}`,
    ...(commit === undefined ? [] : [commit.slice(0, 12)]),
    ...(bringsBack === undefined ? [] : [`as in ${bringsBack}`]),
    ...(settings.noop ? ["noop"] : []),
    ...(isSigned ? ["signed"] : []),
    `on ${hosts.length} host${hosts.length === 1 ? "" : "s"}`,
    ...(state === undefined ? [] : [state.state === "stopped" ? `stopped: ${state.why ?? ""}` : state.state]),
  ];
  return `${parts.join(", ")}\n`;
}
