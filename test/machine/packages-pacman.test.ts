// SPDX-License-Identifier: Apache-2.0
// The real pacman on a tree of files of its own, with packages built here.

import { packageContract } from "../../src/host/packages.contract.test-support.ts";
import { pacmanBench } from "./pacman-bench.test-support.ts";

packageContract("pacman", pacmanBench);
