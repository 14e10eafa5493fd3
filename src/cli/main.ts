// SPDX-License-Identifier: Apache-2.0
// The program from its sources: runs the command that it was started with. The single file begins in
// `scripts/single-file/start.ts`.

import { start } from "./start.ts";

start();
