// SPDX-License-Identifier: Apache-2.0
// `mgmt build-tool DIRECTORY`

import { isSea } from "node:sea";
import { catalogFor } from "../agent/catalog.ts";
import { thisMachine } from "../agent/machine.ts";
import { absolutePath } from "../agent/program-input.ts";
import { packTool, writeTool } from "../agent/tool/build.ts";
import { Failure } from "../contract/failure.ts";
import type { Execute } from "./command.ts";
import { exitStatus } from "./exit-status.ts";
import { moduleChoice } from "./module-options.ts";
import { showProblems } from "./problem-output.ts";
import { fileOption, textOption } from "./option-values.ts";
import { toolCommand } from "./tool-command.ts";

export const execute: Execute = async (invocation) => {
  const { terminal, options } = invocation;
  const [directory = "."] = invocation.arguments;
  const host = thisMachine();
  const { signal } = new AbortController();
  const executable = fileOption(invocation, "executable") ?? ownExecutable();
  const { readStandardInput, workingDirectory } = terminal;
  const reading = { host, signal, readStandardInput, workingDirectory, modules: moduleChoice(invocation) };
  const hostname = textOption(options, "hostname") ?? (await host.identity.hostname(signal));
  const { packed, problems } = await packTool(directory, catalogFor(hostname), reading);
  showProblems(problems, terminal);
  if (packed === undefined) return exitStatus.wrong;
  const { tool, attachment } = packed;
  expectCommandLine(tool);
  const output = fileOption(invocation, "output") ?? absolutePath(tool.name, workingDirectory);
  const size = await writeTool(packed, { executable, output }, host, signal);
  const files = attachment.files.length === 1 ? "1 file" : `${attachment.files.length} files`;
  terminal.stderr(`mgmt: ${output}: ${tool.name} ${tool.version}, ${files}, ${(size / 1e6).toFixed(0)} MB\n`);
  return exitStatus.good;
};

function ownExecutable(): string {
  if (isSea()) return process.execPath;
  throw new Failure("this mgmt is run from its sources, and a tool is made of the single file", {
    code: "unsupported",
    hint: "make it with `npm run build`, and give it with --executable=dist/mgmt",
  });
}

/** What is wrong with the options is told to who builds the tool, not to who calls it. */
function expectCommandLine(tool: Parameters<typeof toolCommand>[0]): void {
  const said: string[] = [];
  const quiet = { stdout: () => {}, stderr: (text: string) => said.push(text) };
  try {
    toolCommand(tool, quiet).parse([...tool.run], { from: "user" });
  } catch (reason) {
    if (reason instanceof Failure) throw reason;
    const [why = String(reason)] = said.join("").split("\n");
    throw new Failure(`the tool would refuse its own command line: ${why}`, {
      code: "invalid",
      hint: "`run` in tool.yaml has options of `mgmt run`, as on a command line",
    });
  }
}
