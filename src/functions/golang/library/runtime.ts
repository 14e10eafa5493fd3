// SPDX-License-Identifier: Apache-2.0
// golang/runtime: Go's runtime as far as a program can look at it. There is none here, so most of it is still: what a
// program in one thread would tell.

import type { FunctionDefinition } from "../../../contract/function.ts";
import { fatal } from "../../arguments.ts";
import { goPackage } from "./wrap.ts";

const { pure, read } = goPackage("runtime");

/** The version of Go whose library these modules follow. */
const version = "go1.25";

export const golangRuntime: readonly FunctionDefinition[] = [
  withoutTry(
    pure("CPUProfile", "func() str", "Always ends the program's run, as it does in Go.", "", () => {
      throw fatal("there is no profile of the processor");
    }),
  ),
  read("GOMAXPROCS", "func(n int) int", "The number of processors; it cannot be changed here.", "0", ({ system }) =>
    BigInt(system.processors),
  ),
  read(
    "GOROOT",
    "func() str",
    "The variable GOROOT, empty when it is not set.",
    "",
    ({ system }) => system.environment("GOROOT") ?? "",
  ),
  read("NumCPU", "func() int", "The number of processors that mgmt can use.", "", ({ system }) =>
    BigInt(system.processors),
  ),
  pure("NumCgoCall", "func() int", "0: there is nothing to be counted here.", "", () => 0n),
  pure("NumGoroutine", "func() int", "1: there are no others here.", "", () => 1n),
  withoutTry(
    pure("ReadTrace", "func() str", "Always ends the program's run: there is no trace to wait for.", "", () => {
      throw fatal("nothing is traced");
    }),
  ),
  pure("SetMutexProfileFraction", "func(rate int) int", "0: nothing is profiled here.", "0", () => 0n),
  pure("Stack", "func(buf str, all bool) int", "0: no stack is written here.", '"", false', () => 0n),
  pure("Version", "func() str", "The version of Go whose library these modules follow.", "", () => version),
];

/** They are only to be called when the program runs. */
function withoutTry(definition: FunctionDefinition): FunctionDefinition {
  return "pure" in definition ? { ...definition, early: false } : definition;
}
