// SPDX-License-Identifier: Apache-2.0
// Whatever a kind throws becomes a failure of its one resource.

import { Failure } from "../contract/failure.ts";

export function failureFrom(reason: unknown): Failure {
  if (reason instanceof Failure) return reason;
  const text = reason instanceof Error ? `${reason.name}: ${reason.message}` : String(reason);
  return new Failure(`something unexpected went wrong: ${text}`, {
    code: "unexpected",
    hint: "This is a mistake in mgmt itself, not in your program. Please report it.",
    cause: reason,
  });
}
