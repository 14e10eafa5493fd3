// SPDX-License-Identifier: Apache-2.0
// Whether a history keeps all that the contract of stores and the exchange promise, whatever was done to servers, networks
// and clients meanwhile. Pure; what each property is stands in `history.ts`.

import { convergenceViolations } from "./convergence.ts";
import type { History, Violation } from "./history.ts";
import { Ledger } from "./ledger.ts";
import { orderViolations, realTimeViolations } from "./order.ts";
import { scheduleViolations } from "./schedules.ts";
import { Absences, sessionViolations } from "./sessions.ts";
import { watchViolations } from "./watches.ts";

export function violationsIn(history: History): readonly Violation[] {
  const [ledger, absences] = [new Ledger(history), new Absences()];
  return [
    ...ledger.violations,
    ...realTimeViolations(history, ledger),
    ...orderViolations(history, ledger, absences),
    ...watchViolations(history, ledger, absences),
    // What was seen of sessions is known only now.
    ...ledger.ends.violations,
    ...sessionViolations(history, absences),
    ...scheduleViolations(history, ledger),
    ...convergenceViolations(history),
  ];
}
