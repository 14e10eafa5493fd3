// SPDX-License-Identifier: Apache-2.0
// The real machine keeps every promise of a host.

import { fileContentContract } from "../file-content.contract.test-support.ts";
import { fileTreeContract } from "../file-tree.contract.test-support.ts";
import { watchContract } from "../watching.contract.test-support.ts";
import { httpContract } from "../http.contract.test-support.ts";
import { commandContract, worldContract } from "../world.contract.test-support.ts";
import { linuxBench } from "./bench.test-support.ts";

fileContentContract("the real machine", linuxBench);
fileTreeContract("the real machine", linuxBench);
watchContract("the real machine", linuxBench);
commandContract("the real machine", linuxBench);
worldContract("the real machine", linuxBench);
httpContract("the real machine", linuxBench);
