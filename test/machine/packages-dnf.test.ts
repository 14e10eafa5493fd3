// SPDX-License-Identifier: Apache-2.0
// The real rpm and dnf on a tree of files of their own, with packages built here.

import { packageContract } from "../../src/host/packages.contract.test-support.ts";
import { dnfBench } from "./dnf-bench.test-support.ts";

packageContract("dnf", dnfBench);
