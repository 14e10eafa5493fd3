// SPDX-License-Identifier: Apache-2.0
// Why a person could not be asked. Both hosts use it.

import { Failure } from "../contract/failure.ts";

export function noTerminal(cause?: unknown): Failure {
  return new Failure("nobody can be asked: this process has no terminal", {
    code: "unsupported",
    hint: "Run it where somebody looks on.",
    cause,
  });
}
