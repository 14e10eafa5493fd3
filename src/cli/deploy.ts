// SPDX-License-Identifier: Apache-2.0
// `mgmt deploy PATH`

import { catalogFor } from "../agent/catalog.ts";
import { packProgram } from "../agent/deploys/bundles.ts";
import {
  bringBack,
  type DeployOptions,
  followDeploy,
  gatherPlans,
  type Progress,
  pruneDeploys,
  publishDeploy,
  stopRollout,
} from "../agent/deploys/deploy.ts";
import { gitFacts } from "../agent/deploys/git-facts.ts";
import { compileHealth } from "../agent/deploys/health.ts";
import { readSigner } from "../agent/deploys/key-files.ts";
import { thisMachine } from "../agent/machine.ts";
import { askStatus } from "../agent/record/ask.ts";
import { Failure } from "../contract/failure.ts";
import { type Exchange, onCluster, prefixOf, type Wish, type Work } from "./cluster-reach.ts";
import type { Execute, Invocation } from "./command.ts";
import { showHistory } from "./deploy-history.ts";
import { showPlans } from "./deploy-plans.ts";
import { followsDeploys } from "./deploys-option.ts";
import { exitStatus } from "./exit-status.ts";
import { programPath } from "./former-options.ts";
import { moduleChoice } from "./module-options.ts";
import { showFailure, showProblems } from "./problem-output.ts";
import { rolloutOf } from "./rollout-options.ts";
import { fileOption, listOption } from "./option-values.ts";

export const execute: Execute = async (invocation) => {
  const { terminal } = invocation;
  const host = thisMachine();
  const stopping = new AbortController();
  const stopListening = terminal.onStopSignal(() => stopping.abort());
  const { signal } = stopping;
  const hostname = await host.identity.hostname(signal);
  const work = workOf(invocation, hostname, signal);
  if (work === undefined) {
    terminal.stderr("mgmt: `mgmt deploy` takes one program\n  hint: mgmt deploy --help\n");
    return exitStatus.usage;
  }
  try {
    return await onCluster(invocation, signal, work, wishOf(invocation), "deploy");
  } catch (reason) {
    if (signal.aborted) return exitStatus.wrong;
    if (!(reason instanceof Failure) || reason.code !== "conflict") throw reason;
    showFailure(reason, terminal);
    return exitStatus.wrong;
  } finally {
    stopListening();
  }
};

function wishOf({ options }: Invocation): Wish {
  if (options.history === true) return "look";
  return options.plan === true ? "follow" : "change";
}

function workOf(invocation: Invocation, hostname: string, signal: AbortSignal): Work | undefined {
  const { options } = invocation;
  const path = programPath(invocation.arguments);
  if (options.history === true) return (exchange) => showHistory(exchange, invocation, signal);
  if (options.stop === true) return (exchange) => stop(exchange, invocation, signal);
  if (options.rollback !== undefined) {
    return (exchange, own) => rollBack({ exchange, own, invocation, signal }, hostname);
  }
  if (path === undefined) return undefined;
  return (exchange, own) => deploy({ exchange, own, invocation, signal }, path, hostname);
}

/** What all of it needs. */
interface Deploying {
  readonly exchange: Exchange;
  readonly own: Parameters<Work>[1];
  readonly invocation: Invocation;
  readonly signal: AbortSignal;
}

/** The run beside which it was deployed may run something else. */
async function sayWhoTakesIt(invocation: Invocation, own: Deploying["own"], signal: AbortSignal): Promise<void> {
  const { terminal } = invocation;
  const status = await askStatus(await prefixOf(invocation, signal), thisMachine());
  if (status?.isRunning !== true) {
    // Others may be there.
    if (own === undefined) return;
    terminal.stderr("mgmt: no mgmt runs here now\n  hint: `mgmt run empty` takes it up\n");
  } else if (status.program !== followsDeploys) {
    terminal.stderr(`mgmt: the mgmt that runs here runs ${status.program}, and takes up no deploys\n`);
    terminal.stderr("  hint: begin it as `mgmt run empty`, and it does\n");
  }
}

async function deploy(deploying: Deploying, path: string, hostname: string): Promise<number> {
  const { exchange, invocation, signal } = deploying;
  const { options, terminal } = invocation;
  const host = thisMachine();
  const { workingDirectory, readStandardInput } = terminal;
  const catalog = catalogFor(hostname);
  const isPlan = options.plan === true;
  const git = options.git === false || isPlan ? undefined : await gitFacts(host, workingDirectory, signal);
  const reading = { host, signal, workingDirectory, readStandardInput, modules: moduleChoice(invocation) };
  const { packed, problems } =
    path === followsDeploys ? { packed: undefined, problems: [] } : await packProgram(path, catalog, reading);
  const rollout = rolloutOf(invocation);
  const health = rollout?.health === undefined ? [] : (await compileHealth(rollout.health, catalog)).problems;
  const all = [...problems, ...health];
  if (all.length > 0) {
    showProblems(all, terminal);
    return exitStatus.wrong;
  }
  const sema = typeof options.sema === "number" ? { sema: options.sema } : {};
  const deployOptions: DeployOptions = {
    host,
    name: path,
    by: await personOn(hostname, host, signal),
    settings: {
      noop: options.noop === true,
      ...sema,
      autoedges: options.autoedges !== false,
      autogroups: options.autogroup !== false,
    },
    git,
    force: options.force === true,
    rollout,
    sign: await readSigner(fileOption(invocation, "sign"), host, signal),
  };
  if (isPlan) {
    const plans = await gatherPlans(
      exchange,
      packed,
      { ...deployOptions, withinMs: Number(options.timeout) * 1000 },
      signal,
    );
    return showPlans(plans, invocation);
  }
  const { record } = await publishDeploy(exchange, packed, deployOptions, signal);
  return tell(deploying, record);
}

async function rollBack(deploying: Deploying, hostname: string): Promise<number> {
  const { exchange, invocation, signal } = deploying;
  const { options, terminal } = invocation;
  const host = thisMachine();
  const id = options.rollback === true ? undefined : Number(options.rollback);
  if (id !== undefined && !Number.isInteger(id)) {
    terminal.stderr("mgmt: --rollback takes the id of a deploy\n  hint: mgmt deploy --history\n");
    return exitStatus.usage;
  }
  const sign = await readSigner(fileOption(invocation, "sign"), host, signal);
  const by = await personOn(hostname, host, signal);
  const { record } = await bringBack(exchange, id, { by, rollout: rolloutOf(invocation), sign, host }, signal);
  return tell(deploying, record);
}

async function stop(exchange: Exchange, { terminal }: Invocation, signal: AbortSignal): Promise<number> {
  const id = await stopRollout(exchange, "somebody has stopped it", signal);
  if (id === undefined) {
    terminal.stderr("mgmt: no rollout is under way\n");
    return exitStatus.wrong;
  }
  terminal.stdout(`deploy ${id} is stopped: the hosts that have it go back\n`);
  return exitStatus.good;
}

/** What was deployed; and with a rollout or `--follow`, how it goes on. */
async function tell(deploying: Deploying, record: Parameters<typeof followDeploy>[1]): Promise<number> {
  const { exchange, own, invocation, signal } = deploying;
  const { options, terminal } = invocation;
  const { id, name, commit, bringsBack, rollout } = record;
  const json = (value: object): void => terminal.stdout(`${JSON.stringify({ version: 1, ...value })}\n`);
  if (options.json === true) json({ type: "deployed", ...record });
  else {
    const of = bringsBack === undefined ? "" : `, as in deploy ${bringsBack}`;
    const at = commit === undefined ? "" : ` at ${commit.slice(0, 12)}`;
    terminal.stdout(`deployed ${name}${at} as deploy ${id}${of}\n`);
  }
  if (own !== undefined || listOption(invocation, "seeds").length === 0) await sayWhoTakesIt(invocation, own, signal);
  await pruneDeploys(exchange, Number(options.keep), signal);
  if (options.follow !== true && rollout === undefined) return exitStatus.good;
  if (options.detach === true) return exitStatus.good;
  let last: Progress | undefined;
  for await (const progress of followDeploy(exchange, record, signal)) {
    if (options.json === true) json({ type: "progress", ...progress, refused: Object.fromEntries(progress.refused) });
    else terminal.stdout(progressLine(progress));
    last = progress;
  }
  if (last?.state === "done" && last.refused.size <= (rollout?.mayFail ?? 0)) return exitStatus.good;
  if (last?.state !== "done" && last?.state !== "stopped") return exitStatus.wrong;
  if (last.state === "stopped") terminal.stderr(`mgmt: deploy ${id} has stopped: ${last.why ?? "unknown"}\n`);
  for (const [host, why] of last.refused) terminal.stderr(`mgmt: ${host}: ${why}\n`);
  return exitStatus.wrong;
}

function progressLine({ state, stage, stages, hosts, inside, well, refused }: Progress): string {
  const failed = refused.size > 0 ? `, ${refused.size} not well` : "";
  const wave = stages > 1 && stage > 0 ? `wave ${stage} of ${stages}: ` : "";
  if (state === "waiting") return `waiting for a host to begin (${hosts} alive)\n`;
  return `${wave}${inside} of ${hosts} hosts, ${well} well${failed}${state === "running" ? "" : `: ${state}`}\n`;
}

async function personOn(hostname: string, host: ReturnType<typeof thisMachine>, signal: AbortSignal): Promise<string> {
  const { uid } = host.identity;
  return `${(await host.identity.userName(uid, signal)) ?? uid}@${hostname}`;
}
