// SPDX-License-Identifier: Apache-2.0
// The real apt and dpkg on a tree of files of their own, with packages built here: nothing of the machine is touched, and
// nothing comes from outside.

import { packageContract } from "../../src/host/packages.contract.test-support.ts";
import { aptBench } from "./apt-bench.test-support.ts";

packageContract("apt", () => aptBench());
