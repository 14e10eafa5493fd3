// SPDX-License-Identifier: Apache-2.0
// `mgmt events [KIND[NAME]]`

import { askEvents } from "../agent/record/ask.ts";
import type { Written } from "../journal/entry.ts";
import { nobodyThere, whomToAsk } from "./asking.ts";
import type { Execute } from "./command.ts";
import { entryText } from "./entry-text.ts";
import { exitStatus } from "./exit-status.ts";
import { News } from "./news.ts";
import { paintLines } from "./paint.ts";
import { textOption } from "./option-values.ts";
import { parseDuration, timeText } from "./times.ts";

export const execute: Execute = async (invocation) => {
  const { arguments: words, options, terminal } = invocation;
  const since = textOption(options, "since");
  const sinceMs = since === undefined ? undefined : parseDuration(since);
  if (since !== undefined && sinceMs === undefined) {
    terminal.stderr(`mgmt: ${since} is not a time span\n  hint: 30s, 5m, 1h, 2d\n`);
    return exitStatus.usage;
  }
  const { host, prefix } = await whomToAsk(invocation);
  const { clock } = host;
  const follow = options.follow === true;
  const [resource] = words;
  if (words.length > 1 || (resource !== undefined && !/^[^[\]]+\[.*\]$/s.test(resource))) {
    terminal.stderr("mgmt: `mgmt events` takes one resource, as kind[name], or none\n");
    terminal.stderr("  hint: mgmt events 'file[/etc/motd]'\n");
    return exitStatus.usage;
  }
  const news = new News();
  const show = (event: Written): void => {
    if (options.json === true) {
      const { id, timeMs, ...rest } = event;
      terminal.stdout(`${JSON.stringify({ version: 1, id, time: new Date(timeMs).toISOString(), ...rest })}\n`);
    } else if (news.isNew(event)) {
      const line = `${timeText(event.timeMs, clock.now(), clock)} ${entryText(event)}\n`;
      terminal.stdout(paintLines(line, terminal.colour.stdout));
    }
  };
  const request = {
    ask: "events" as const,
    follow,
    ...(resource === undefined ? {} : { resource }),
    ...(sinceMs === undefined ? {} : { sinceMs: clock.now() - sinceMs }),
  };
  // Ctrl-C ends following; that is no failure.
  const stop = follow ? terminal.onStopSignal(() => process.exit(exitStatus.good)) : () => {};
  try {
    const from = await askEvents(prefix, request, show);
    if (from === undefined) return nobodyThere(prefix, invocation);
    if (follow)
      terminal.stderr(from === "agent" ? "mgmt has ended\n" : "mgmt does not run: there is nothing to follow\n");
    return follow && from === "journal" ? exitStatus.wrong : exitStatus.good;
  } finally {
    stop();
  }
};
