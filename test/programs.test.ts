// SPDX-License-Identifier: Apache-2.0
// The golden whole programs: every rule of the language as users meet it, a folder for each part of the language.

import { testGoldenFiles } from "./golden.ts";
import { resultOf } from "./programs.ts";

testGoldenFiles("test/cases/programs", { produce: resultOf });
