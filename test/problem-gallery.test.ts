// SPDX-License-Identifier: Apache-2.0
// Wrong programs as people write them, each with all that `mgmt check` or `mgmt graph` prints about it.

import { catalogFor } from "../src/agent/catalog.ts";
import { judgeProgram } from "../src/agent/judge-program.ts";
import { showProblems } from "../src/cli/problem-output.ts";
import { memoryHost } from "../src/host/memory/index.ts";
import { testGoldenFiles } from "./golden.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const hostname = "web1";
const catalog = catalogFor(hostname);

testGoldenFiles("test/cases/problems", {
  inputs: ["program"],
  async produce(given) {
    const files = new Map([["main.mcl", given.input("program")]]);
    const judging = { catalog, host: memoryHost({ hostname }), hostname };
    const problems = await judgeProgram(files, judging, AbortSignal.timeout(30_000));
    const terminal = recordingTerminal();
    showProblems(problems, terminal);
    return [{ heading: "message", text: terminal.written() }];
  },
});
