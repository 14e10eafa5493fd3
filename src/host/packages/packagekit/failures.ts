// SPDX-License-Identifier: Apache-2.0
// What the errors of PackageKit mean. Its details are sentences of the back end below it.

import type { Failure } from "../../../contract/failure.ts";
import {
  diskFull,
  lastLines,
  managerFailed,
  needsOthers,
  notTrusted,
  onlyRoot,
  sourceUnreachable,
  stillLocked,
  unknownPackage,
} from "../refusals.ts";

export interface TransactionError {
  /** Of `PkErrorEnum`. */
  readonly code: number;
  readonly details: string;
}

export function packageKitFailure(doing: string, { code, details }: TransactionError): Failure {
  const why = lastLines(details, 3);
  switch (code) {
    case 2:
    case 10:
    case 37:
    case 43:
      return sourceUnreachable(doing, why);
    case 5:
    case 30:
    case 31:
      return notTrusted(doing, why);
    case 8:
      return unknownPackage(doing, why, [], "PackageKit");
    case 13:
    case 35:
    case 36:
      return needsOthers(doing, why);
    case 26:
      return stillLocked(doing, "");
    case 46:
      return diskFull(doing, "");
    case 48:
      return onlyRoot(doing);
    default:
      return managerFailed(doing, "PackageKit", code, why);
  }
}
