// SPDX-License-Identifier: Apache-2.0
// `mgmt cluster WORD`

import { makeDeployKey } from "../agent/deploys/key-files.ts";
import { invite, livingHosts, readIdealSize, removeHost, rotate, writeIdealSize } from "../agent/cluster-care.ts";
import { checkHostname } from "../agent/hostname.ts";
import { thisMachine } from "../agent/machine.ts";
import { askStatus } from "../agent/record/ask.ts";
import { absolutePath } from "../agent/program-input.ts";
import { keepTexts } from "./cluster-kv.ts";
import { type Exchange, onCluster, prefixOf } from "./cluster-reach.ts";
import { showServers } from "./cluster-servers.ts";
import type { Execute, Invocation } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { textOption } from "./option-values.ts";

export const execute: Execute = async (invocation) => {
  const { terminal } = invocation;
  const [word = "servers", argument, ...more] = invocation.arguments;
  const run = more.length > 0 && word !== "kv" ? undefined : words[word];
  if (
    run === undefined ||
    (argument !== undefined && !takesArgument.has(word)) ||
    (argument === undefined && needsArgument.has(word))
  ) {
    terminal.stderr(
      "mgmt: `mgmt cluster` takes one of invite, members, servers, size [N], remove HOST, key FILE, rotate, kv\n  hint: mgmt cluster --help\n",
    );
    return exitStatus.usage;
  }
  const stopping = new AbortController();
  const stopListening = terminal.onStopSignal(() => stopping.abort());
  try {
    return await run(invocation, argument, stopping.signal, more);
  } finally {
    stopListening();
  }
};

type Run = (
  invocation: Invocation,
  argument: string | undefined,
  signal: AbortSignal,
  more: readonly string[],
) => Promise<number>;

const needsArgument: ReadonlySet<string> = new Set(["key", "kv", "remove", "revoke"]);
const takesArgument: ReadonlySet<string> = new Set(["size", ...needsArgument]);

const words: Readonly<Record<string, Run>> = {
  async invite(invocation, _, signal) {
    const { options, terminal } = invocation;
    const host = thisMachine();
    const name = textOption(options, "name");
    const address = textOption(options, "address") ?? (await host.identity.hostname(signal));
    const minutes = Number(options.valid);
    const forHost = name === undefined ? {} : { hostname: checkHostname(name) };
    const token = await invite(host, await prefixOf(invocation, signal), { ...forHost, minutes }, signal);
    terminal.stdout(`${token}@${address}\n`);
    terminal.stderr(
      `mgmt: it lets ${name ?? "one host"} in, once, within ${minutes} minutes: mgmt run --join=TOKEN@HOST …\n` +
        "  as long as mgmt runs here with --accept-joins\n",
    );
    return exitStatus.good;
  },

  members(invocation, _, signal) {
    const work = async (exchange: Exchange, own?: string): Promise<number> => {
      const hosts = own === undefined ? await livingHosts(exchange, signal) : await hostAlone(invocation, signal);
      const { options, terminal } = invocation;
      if (options.json === true) terminal.stdout(`${JSON.stringify({ version: 1, members: hosts })}\n`);
      else terminal.stdout(hosts.map((host) => `${host}\n`).join(""));
      return exitStatus.good;
    };
    return onCluster(invocation, signal, work, "look");
  },

  servers: (invocation, _, signal) => showServers(invocation, signal),

  async size(invocation, argument, signal) {
    const { terminal } = invocation;
    const wanted = argument === undefined ? undefined : Number(argument);
    const isShutdown = wanted === 0 && invocation.options.allowSizeShutdown === true;
    if (wanted !== undefined && !isShutdown && !(Number.isInteger(wanted) && wanted >= 1 && wanted <= 99)) {
      terminal.stderr("mgmt: the size of a cluster is a number from 1 to 99\n");
      if (wanted === 0) {
        terminal.stderr("  hint: with --allow-size-shutdown, 0 ends the store; the last host that keeps it begins it again when its run does\n"); // biome-ignore format: one line
      }
      return exitStatus.usage;
    }
    const work = async (exchange: Exchange): Promise<number> => {
      if (wanted === undefined) terminal.stdout(`${await readIdealSize(exchange, signal)}\n`);
      else await writeIdealSize(exchange, wanted, signal);
      return exitStatus.good;
    };
    return onCluster(invocation, signal, work, "none");
  },

  remove: (invocation, argument, signal) => remove(invocation, argument ?? "", signal),
  revoke: (invocation, argument, signal) => remove(invocation, argument ?? "", signal),

  async key({ terminal }, argument, signal) {
    const path = absolutePath(argument ?? "", terminal.workingDirectory);
    terminal.stdout(await makeDeployKey(path, thisMachine(), signal));
    return exitStatus.good;
  },

  async rotate(invocation, _, signal) {
    const { options, terminal } = invocation;
    const done = await rotate(thisMachine(), await prefixOf(invocation, signal), options.finish === true, signal);
    terminal.stdout(`${done}\n`);
    return exitStatus.good;
  },

  kv: (invocation, verb, signal, more) => keepTexts(invocation, verb, more, signal),
};

/** Nobody is told of it in its store. */
async function hostAlone(invocation: Invocation, signal: AbortSignal): Promise<readonly string[]> {
  const status = await askStatus(await prefixOf(invocation, signal), thisMachine());
  return status?.isRunning === true ? [status.hostname] : [];
}

function remove(invocation: Invocation, name: string, signal: AbortSignal): Promise<number> {
  const hostname = checkHostname(name);
  const work = async (exchange: Exchange): Promise<number> => {
    const prefix = await prefixOf(invocation, signal);
    const done = await removeHost(hostname, { host: thisMachine(), prefix, exchange, signal });
    const also = done === "revoked" ? ", and its certificates are believed no more" : "";
    invocation.terminal.stdout(`${hostname} does not keep the store any more${also}\n`);
    return exitStatus.good;
  };
  return onCluster(invocation, signal, work, "none");
}
