// SPDX-License-Identifier: Apache-2.0
// An executable that `mgmt build-tool` has made: reads its own command line, and runs the program that it carries.

import { unpackBundle } from "../agent/bundle.ts";
import { thisMachine } from "../agent/machine.ts";
import { absolutePath } from "../agent/program-input.ts";
import { stateDirectoryFor } from "../agent/state-prefix.ts";
import type { Attachment } from "../agent/tool/attachment.ts";
import { toolOf } from "../agent/tool/build.ts";
import { FunctionFailure } from "../contract/function.ts";
import { Failure } from "../contract/failure.ts";
import type { Host } from "../contract/host.ts";
import type { ToolDeclaration, ToolInput } from "../program/tool/declaration.ts";
import { valueOf, variableOf } from "../program/tool/inputs.ts";
import type { InputValue } from "../program/tool/input-value.ts";
import type { Invocation, Terminal } from "./command.ts";
import { statusOfThrown } from "./command-line.ts";
import { exitStatus } from "./exit-status.ts";
import { runPath } from "./run.ts";
import { keyOf, toolCommand } from "./tool-command.ts";

/** Returns the exit status. */
export async function runTool(attachment: Attachment, args: readonly string[], outside: Terminal): Promise<number> {
  const tool = await toolOf(attachment, process.execPath);
  const terminal = speakingAs(tool.name, outside);
  const command = toolCommand(tool, terminal);
  let status: number = exitStatus.good;
  command.action(async () => {
    status = await run(tool, attachment, { arguments: [], options: command.opts(), terminal });
  });
  try {
    await command.parseAsync([...tool.run, ...args], { from: "user" });
    return status;
  } catch (reason) {
    return statusOfThrown(reason, { name: tool.name, terminal });
  }
}

/** Whoever calls the tool need not know what it is made of. */
function speakingAs(name: string, terminal: Terminal): Terminal {
  return { ...terminal, stderr: (text) => terminal.stderr(text.replaceAll(/^mgmt: /gm, `${name}: `)) };
}

async function run(tool: ToolDeclaration, attachment: Attachment, invocation: Invocation): Promise<number> {
  const host = thisMachine();
  const { signal } = new AbortController();
  const inputs = await inputsOf(tool, invocation, host);
  const place = `${cacheDirectory(tool.name, host)}/${attachment.id}/`;
  await unpackBundle(attachment, place, host, signal);
  const { options } = invocation;
  const prefix = options.tmpPrefix === true ? {} : { prefix: options.prefix ?? stateDirectoryFor(tool.name, host) };
  // What it carries is not edited.
  return runPath({ ...invocation, options: { ...options, ...prefix, watch: false } }, place, { inputs });
}

/** Of every input, so that what is missing or wrong is told before anything runs. */
async function inputsOf(
  tool: ToolDeclaration,
  invocation: Invocation,
  host: Host,
): Promise<ReadonlyMap<string, InputValue>> {
  const given = new Map<string, InputValue>();
  const environment = (name: string): string | undefined => host.system.environment(name);
  const wrong: string[] = [];
  for (const input of tool.inputs) {
    const written = invocation.options[keyOf(input.name)];
    const asked = input.isSecret
      ? await secretOf(input, tool, written, invocation.terminal, environment)
      : (written as InputValue | readonly (readonly string[])[] | undefined);
    // A list may be given in several pieces.
    if (asked !== undefined) given.set(input.name, Array.isArray(asked) ? asked.flat() : (asked as InputValue));
    try {
      const value = valueOf(tool, input, given, environment);
      if (value === undefined) wrong.push(`--${input.name} is needed`);
      else given.set(input.name, input.type === "file" && value !== "" ? absolute(value, invocation) : value);
    } catch (reason) {
      if (!(reason instanceof FunctionFailure)) throw reason;
      wrong.push(reason.message);
    }
  }
  if (wrong.length > 0) throw new Failure(wrong.join("; "), { code: "invalid", hint: `${tool.name} --help` });
  return given;
}

function absolute(value: InputValue, { terminal }: Invocation): string {
  return absolutePath(String(value), terminal.workingDirectory);
}

/** Everybody on the machine can read command lines. */
async function secretOf(
  input: ToolInput,
  tool: ToolDeclaration,
  written: unknown,
  terminal: Terminal,
  environment: (name: string) => string | undefined,
): Promise<string | undefined> {
  const { name } = input;
  if (written === "-") return (await terminal.readStandardInput()).replace(/\n$/, "");
  if (written !== undefined) {
    throw new Failure(`--${name} must not stand on the command line, where everybody can read it`, {
      code: "invalid",
      hint: `give it on standard input with --${name}=-, or let ${tool.name} ask for it`,
    });
  }
  if (environment(variableOf(tool, input)) !== undefined) return undefined;
  return terminal.askSecret?.(`${name}: `);
}

function cacheDirectory(name: string, { system, identity }: Host): string {
  if (identity.uid === 0) return `/var/cache/${name}`;
  const home = system.environment("HOME") ?? "/tmp";
  return `${system.environment("XDG_CACHE_HOME") ?? `${home}/.cache`}/${name}`;
}
