// SPDX-License-Identifier: Apache-2.0
// `mgmt why [not] KIND[NAME]`

import { askWhy } from "../agent/record/ask.ts";
import { nobodyThere, whomToAsk } from "./asking.ts";
import type { Execute } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { paintLines } from "./paint.ts";
import { whyText } from "./why-text.ts";

export const execute: Execute = async (invocation) => {
  const { arguments: words, options, terminal } = invocation;
  const not = words[0] === "not" && words.length === 2;
  const resource = words[not ? 1 : 0] ?? "";
  if (words.length !== (not ? 2 : 1) || !/^[^[\]]+\[.*\]$/s.test(resource)) {
    terminal.stderr("mgmt: `mgmt why` takes one resource, as kind[name]\n");
    terminal.stderr("  hint: mgmt why 'file[/etc/motd]', or mgmt why not 'file[/etc/motd]'\n");
    return exitStatus.usage;
  }
  const { host, prefix } = await whomToAsk(invocation);
  const why = await askWhy(prefix, resource, host);
  if (why === undefined) return nobodyThere(prefix, invocation);
  if (options.json === true) terminal.stdout(`${JSON.stringify({ version: 1, ...why })}\n`);
  else terminal.stdout(paintLines(`${whyText(why, not, host.clock)}\n`, terminal.colour.stdout));
  return why.state === "unknown" ? exitStatus.wrong : exitStatus.good;
};
