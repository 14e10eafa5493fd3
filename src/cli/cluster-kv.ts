// SPDX-License-Identifier: Apache-2.0
// `mgmt cluster kv VERB`: the texts that programs share, by the keys that programs know.

import {
  changesOf,
  type Kept,
  nameOf,
  ownersOf,
  readRaw,
  shownText,
  type Told,
  wantedBy,
  writeText,
} from "../agent/cluster-texts.ts";
import { checkHostname } from "../agent/hostname.ts";
import { type Exchange, onCluster } from "./cluster-reach.ts";
import type { Invocation } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { textOption } from "./option-values.ts";

interface Asked {
  readonly invocation: Invocation;
  readonly key: string | undefined;
  readonly value: string | undefined;
  readonly host: string | undefined;
  readonly raw: boolean;
  readonly signal: AbortSignal;
}

const verbs: Readonly<
  Record<string, { readonly least: number; readonly most: number; readonly run: (asked: Asked) => Promise<number> }>
> = {
  get: { least: 1, most: 1, run: get },
  put: { least: 2, most: 2, run: put },
  delete: { least: 1, most: 1, run: remove },
  list: { least: 0, most: 1, run: list },
  watch: { least: 0, most: 1, run: watch },
};

export async function keepTexts(
  invocation: Invocation,
  verb: string | undefined,
  words: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  const { options, terminal } = invocation;
  const found = verb !== undefined && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  const [key, value] = words;
  if (found === undefined || words.length < found.least || words.length > found.most || key === "") {
    terminal.stderr(
      "mgmt: `mgmt cluster kv` takes one of get KEY, put KEY VALUE, delete KEY, list [BEGIN], watch [BEGIN]\n" +
        "  hint: mgmt cluster --help\n",
    );
    return exitStatus.usage;
  }
  const name = textOption(options, "host");
  const raw = options.raw === true;
  if (raw && (name !== undefined || found.run === put || found.run === remove)) {
    terminal.stderr("mgmt: --raw is for looking, at all hosts: with get, list and watch, and without --host\n");
    return exitStatus.usage;
  }
  const host = name === undefined ? undefined : checkHostname(name);
  return found.run({ invocation, key, value, host, raw, signal });
}

function get({ invocation, key = "", host, raw, signal }: Asked): Promise<number> {
  const work = async (exchange: Exchange): Promise<number> => {
    const { terminal, options } = invocation;
    const value = raw ? await readRaw(exchange, key, signal) : await exchange.texts.get(slotOf(key, host), signal);
    if (options.json === true) terminal.stdout(jsonOf({ ...slotOf(key, host), value }));
    else if (value !== undefined) terminal.stdout(value.endsWith("\n") ? value : `${value}\n`);
    if (value !== undefined) return exitStatus.good;
    terminal.stderr(`mgmt: there is no text under ${nameOf(slotOf(key, host))}\n`);
    const owners = raw ? [] : await ownersOf(exchange, key, signal);
    if (owners.length > 0) terminal.stderr(`  hint: hosts with one of their own, by --host: ${owners.join(", ")}\n`);
    return exitStatus.wrong;
  };
  return onCluster(invocation, signal, work, "look");
}

async function put({ invocation, key = "", value: given = "", host, signal }: Asked): Promise<number> {
  const value = given === "-" ? await invocation.terminal.readStandardInput() : given;
  const work = async (exchange: Exchange): Promise<number> => {
    const was = await writeText(exchange, slotOf(key, host), value, signal);
    if (invocation.options.json === true) {
      invocation.terminal.stdout(jsonOf({ ...slotOf(key, host), value }, { was: was ?? null }));
    }
    return exitStatus.good;
  };
  return onCluster(invocation, signal, work, "change");
}

function remove({ invocation, key = "", host, signal }: Asked): Promise<number> {
  const work = async (exchange: Exchange): Promise<number> => {
    const { terminal, options } = invocation;
    const was = await writeText(exchange, slotOf(key, host), undefined, signal);
    if (options.json === true) {
      terminal.stdout(jsonOf({ ...slotOf(key, host), value: undefined }, { was: was ?? null }));
    } else if (was === undefined) terminal.stderr(`mgmt: there was no text under ${nameOf(slotOf(key, host))}\n`);
    return exitStatus.good;
  };
  return onCluster(invocation, signal, work, "change");
}

function list({ invocation, key, host, raw, signal }: Asked): Promise<number> {
  const work = async (exchange: Exchange): Promise<number> => {
    const { terminal, options } = invocation;
    const all = await exchange.contents.list(wantedBy(key, raw), signal);
    const texts = all.filter((kept) => host === undefined || kept.host === host);
    if (options.json === true) terminal.stdout(`${JSON.stringify({ version: 1, texts })}\n`);
    else terminal.stdout(texts.map(lineOf).join(""));
    return exitStatus.good;
  };
  return onCluster(invocation, signal, work, "look");
}

function watch({ invocation, key, host, raw, signal }: Asked): Promise<number> {
  const work = async (exchange: Exchange): Promise<number> => {
    const { terminal, options } = invocation;
    for await (const told of changesOf(exchange, wantedBy(key, raw), signal)) {
      if (host !== undefined && told.host !== host) continue;
      terminal.stdout(options.json === true ? jsonOf(told) : lineOf(told));
    }
    return exitStatus.good;
  };
  return onCluster(invocation, signal, work, "follow");
}

function slotOf(key: string, host: string | undefined): Omit<Kept, "value"> {
  return host === undefined ? { key } : { key, host };
}

function jsonOf({ value, ...slot }: Told, more: Readonly<Record<string, unknown>> = {}): string {
  return `${JSON.stringify({ version: 1, ...slot, value: value ?? null, ...more })}\n`;
}

function lineOf({ value, ...slot }: Told): string {
  if (value === undefined) return `${nameOf(slot)} is gone\n`;
  return `${nameOf(slot)} = ${shownText(value)}\n`;
}
