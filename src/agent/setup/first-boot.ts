// SPDX-License-Identifier: Apache-2.0
// Runs what was left in a directory for the first start of a machine, each thing once: when it is over it goes. One that was
// cut off, with the machine or by a signal, is still there and runs at the next start.

import type { Host } from "../../contract/host.ts";
import { Failure, isAbort } from "../../contract/failure.ts";
import { type FirstBootStyle, readFirstBootStyle, usualStyle } from "../../frontends/first-boot/read-style.ts";
import { bytesOf, textOf } from "../../values/bytes.ts";

/** Directories end in `/`. */
export interface FirstBootPlaces {
  readonly scripts: string;
  /** Where scripts go when they are over; undefined: nowhere. */
  readonly done: string | undefined;
  readonly logs: string;
}

const styleLimitBytes = 64 * 1024;
const ownerMayExecute = 0o100;

/** In the order of their names. `say`: a sentence for people. Scripts that fail hold up nothing. */
export async function runFirstBoot(
  places: FirstBootPlaces,
  host: Host,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const directory = places.scripts.slice(0, -1);
  if ((await host.files.inspect(directory, signal))?.kind !== "directory") return say(`there is no ${places.scripts}`);
  const names = await host.files.list(directory, signal);
  for (const [index, name] of names.entries()) {
    const state = await host.files.inspect(places.scripts + name, signal);
    if (state?.kind !== "file" || (state.mode & ownerMayExecute) === 0) continue;
    const log = `${places.logs}mgmt-firstboot-${host.clock.now()}${String(index).padStart(6, "0")}.log`;
    await runOne(places.scripts + name, { ...places, log }, host, say, signal);
  }
}

async function runOne(
  path: string,
  places: FirstBootPlaces & { readonly log: string },
  host: Host,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const stylePath = `${path}.yaml`;
  const style = await styleOf(stylePath, host, say, signal);
  const log = style?.hasNoLog === true ? undefined : places.log;
  say(`runs ${path}${log === undefined ? "" : `, log: ${log}`}`);
  const { ending, output } = await outcomeOf(path, host, say, signal);
  say(`${path} ${ending}`);
  if (log !== undefined) {
    await makeDirectory(places.logs, host, signal);
    const content = Buffer.concat([bytesOf(`${path}\n`), output, bytesOf(`\n${ending}\n`)]);
    await host.files.write(log, content, { mode: 0o600, durable: true }, signal);
  }
  if (ending !== isDone && style?.keepsOnFailure !== false) return;
  const done = style?.doneDirectory ?? places.done;
  for (const each of [path, stylePath]) {
    if ((await host.files.inspect(each, signal)) === undefined) continue;
    if (done === undefined) await host.files.remove(each, {}, signal);
    else await moveInto(done, each, host, signal);
  }
}

/** Undefined: it cannot be read, so nothing is given up that may be wanted. */
async function styleOf(
  path: string,
  host: Host,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<FirstBootStyle | undefined> {
  if ((await host.files.inspect(path, signal)) === undefined) return usualStyle;
  try {
    return readFirstBootStyle(textOf(await host.files.read(path, styleLimitBytes, signal)), path);
  } catch (reason) {
    if (!(reason instanceof Failure)) throw reason;
    say(reason.message);
    return undefined;
  }
}

const isDone = "is done";

async function outcomeOf(path: string, host: Host, say: (text: string) => void, signal: AbortSignal) {
  try {
    const onOutput = (_: string, bytes: Uint8Array): void => say(textOf(bytes).trimEnd());
    const outcome = await host.processes.run({ argv: [path], onOutput, keepBytes: 16 * 1024 * 1024 }, signal);
    const { status, endedBy, output } = outcome;
    return { output, ending: status === 0 ? isDone : `has failed: ${endedBy ?? `exit status ${status}`}` };
  } catch (reason) {
    if (isAbort(reason, signal) || !(reason instanceof Failure)) throw reason;
    return { output: new Uint8Array(), ending: `has failed: ${reason.message}` };
  }
}

async function moveInto(directory: string, path: string, host: Host, signal: AbortSignal): Promise<void> {
  await makeDirectory(directory, host, signal);
  const target = directory + path.slice(path.lastIndexOf("/") + 1);
  const { mode } = (await host.files.inspect(path, signal)) ?? { mode: 0o600 };
  await host.files.copy(path, target, { mode }, signal);
  await host.files.remove(path, {}, signal);
}

async function makeDirectory(path: string, { files }: Host, signal: AbortSignal): Promise<void> {
  const directory = path.slice(0, -1);
  if (directory === "" || (await files.inspectTarget(directory, signal)) !== undefined) return;
  await files.createDirectory(directory, { parents: true }, signal);
}
