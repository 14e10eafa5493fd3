// SPDX-License-Identifier: Apache-2.0
// What `run` and `plan` have in common: the program, the machine and where state is kept, from the command line.

import { Failure } from "../contract/failure.ts";
import { catalogFor } from "../agent/catalog.ts";
import { checkHostname } from "../agent/hostname.ts";
import { thisMachine } from "../agent/machine.ts";
import { sshPlaceOf } from "../agent/ssh-route.ts";
import type { PlanOptions } from "../agent/plan-program.ts";
import { statePrefix } from "../agent/state-prefix.ts";
import type { SshPlace } from "../contract/ssh.ts";
import type { StoreWay } from "../agent/store-way.ts";
import { beginCluster, inviteHost, joinOnce, toldSeeds, usualScheme } from "../agent/trust.ts";
import { openStore, type Store } from "../agent/store.ts";
import { chooseStore, type StoreChoice } from "../agent/store-choice.ts";
import type { GivenInputs } from "../program/tool/inputs.ts";
import type { Invocation } from "./command.ts";
import { withLocalStore } from "./join-local.ts";
import { moduleChoice } from "./module-options.ts";
import { fileOption, listOption, textOption, variableOf } from "./option-values.ts";

/** `readOnly`: nothing is kept. Fails with a `Failure` when two options contradict each other, or the state cannot be kept where it should be. */
export async function runSetting(
  given: Invocation,
  path: string,
  { readOnly, inputs }: { readonly readOnly: boolean; readonly inputs?: GivenInputs },
): Promise<PlanOptions & { readonly store: Store; readonly over?: SshPlace }> {
  const { options, terminal } = given;
  const onTrouble = (message: string): void => terminal.stderr(`mgmt: ${message}\n`);
  const { readStandardInput, workingDirectory } = terminal;
  const host = thisMachine();
  const { signal } = new AbortController();
  const name = textOption(options, "hostname");
  const hostname = name === undefined ? await host.identity.hostname(signal) : checkHostname(name);
  const prefixOptions = { given: fileOption(given, "prefix"), temporary: options.tmpPrefix === true };
  const prefix = await statePrefix(prefixOptions, host, signal);
  const { invocation, settled } = await withLocalStore(given, { prefix, host, hostname, onTrouble });
  const invitation = textOption(options, "join") ?? terminal.environment("MGMT_JOIN");
  const known = (): Promise<readonly string[]> => toldSeeds(host, prefix, signal);
  const place = storeWay(invocation, invitation === undefined ? await known() : "soon").way?.over;
  const over = place === undefined ? {} : { over: place };
  if (invitation !== undefined) await joinOnce(invitation, { host, prefix, hostname, onTrouble, signal, ...over });
  if (options.acceptJoins !== undefined) await beginCluster(host, prefix, signal);
  const told = invitation === undefined && place === undefined ? [] : await known();
  const way = storeWay(invocation, told);
  const store = await openStore(storeChoice(invocation, prefix, told), {
    prefix,
    readOnly,
    host,
    hostname,
    onTrouble,
    ...way,
  });
  const entrance = textOption(options, "acceptJoins");
  const doors = store.doors && {
    ...store.doors,
    invite: (name: string, bounded: AbortSignal, validMs?: number) =>
      inviteHost(name, { host, prefix, entrance }, bounded, validMs),
  };
  return {
    path,
    reading: {
      readStandardInput,
      workingDirectory,
      modules: moduleChoice(invocation),
      ...(inputs === undefined ? {} : { inputs }),
    },
    host,
    catalog: catalogFor(hostname),
    hostname,
    prefix,
    cluster: store.cluster,
    ...(store.remembered === undefined ? {} : { remembered: store.remembered }),
    ...(doors === undefined ? {} : { doors }),
    store: {
      ...store,
      start: (onLog, stopped) => store.start(onLog, stopped).finally(settled),
    },
    ...over,
    onTrouble,
    automatic: { autoedges: options.autoedges !== false, autogroups: options.autogroup !== false },
    sema: typeof options.sema === "number" ? options.sema : undefined,
    maxRuntimeMs: typeof options.maxRuntime === "number" ? options.maxRuntime * 1000 : undefined,
  };
}

/** `told`: where the store is, if nothing is given. Fails with a `Failure` when what was given makes no sense. */
export function storeChoice(invocation: Invocation, prefix: string, told: readonly string[] = []): StoreChoice {
  const { options, terminal } = invocation;
  const number = (name: string): number | undefined => {
    const given = options[name] ?? terminal.environment(variableOf(name));
    return given === undefined || given === true || given === false ? undefined : Number(given);
  };
  const [idealSize, replaceAfter, zone] = [
    number("idealClusterSize"),
    number("replaceAfter"),
    textOption(options, "zone"),
  ];
  const seeds = listOption(invocation, "seeds");
  return chooseStore({
    seeds: seeds.length === 0 ? told : seeds,
    clientUrls: listOption(invocation, "clientUrls"),
    serverUrls: listOption(invocation, "serverUrls"),
    advertiseClientUrls: listOption(invocation, "advertiseClientUrls"),
    advertiseServerUrls: listOption(invocation, "advertiseServerUrls"),
    noNetwork: options.network === false || terminal.environment("MGMT_NO_NETWORK") === "true",
    scheme: usualScheme(prefix),
    noServer:
      options.server === false ||
      terminal.environment("MGMT_NO_SERVER") === "true" ||
      // Through a tunnel no other host would get here.
      options.onlySeeds === true ||
      options.sshUrl !== undefined,
    isLasting: options.once !== true && options.convergedTimeout === undefined && options.maxRuntime === undefined,
    ...(idealSize === undefined ? {} : { idealSize }),
    ...(replaceAfter === undefined ? {} : { replaceAfterMs: replaceAfter * 1000 }),
    ...(zone === undefined ? {} : { zone }),
  });
}

/** `told`: where the store is, if nothing is given; or it is not known yet. Fails with a `Failure` when what was given makes no sense. */
export function storeWay(invocation: Invocation, told: readonly string[] | "soon" = []): { readonly way?: StoreWay } {
  const { options } = invocation;
  const url = textOption(options, "sshUrl");
  const onlySeeds = options.onlySeeds === true;
  const [hostKey, keyFile] = [textOption(options, "sshHostkey"), fileOption(invocation, "sshId")];
  if (url === undefined) {
    if (hostKey === undefined && keyFile === undefined) return onlySeeds ? { way: { onlySeeds } } : {};
    throw new Failure("--ssh-hostkey and --ssh-id say how --ssh-url is reached.", { code: "invalid" });
  }
  const given = listOption(invocation, "seeds");
  const seeds = given.length === 0 ? told : given;
  if (seeds !== "soon" && (seeds.length === 0 || seeds.some((seed) => /^(?:file|unix):/.test(seed)))) {
    throw new Failure("--ssh-url leads to the seeds, which must be addresses.", {
      code: "invalid",
      hint: "Give --seeds as that machine reaches them, --seeds=http://127.0.0.1:2379, or an invitation with --join.",
    });
  }
  return { way: { over: sshPlaceOf({ url, hostKey, keyFile }), onlySeeds } };
}
