// SPDX-License-Identifier: Apache-2.0
// All built-in functions, and the constants of their modules.

import type { Constant } from "../contract/catalog.ts";
import type { FunctionDefinition } from "../contract/function.ts";
import { convert } from "./convert/convert.ts";
import { datetime } from "./datetime/datetime.ts";
import { deploy } from "./deploy/deploy.ts";
import { encoding } from "./encoding/encoding.ts";
import { provisionerFunctions, usualSettings } from "./embedded/provisioner.ts";
import { example, exampleConstants } from "./example/example.ts";
import { printf } from "./fmt/printf.ts";
import { golangLibrary } from "./golang/library/index.ts";
import { createTemplate } from "./golang/template.ts";
import { iter } from "./iter/iter.ts";
import { iterWithFunctions } from "./iter/with-functions.ts";
import { list } from "./list/list.ts";
import { local } from "./local/local.ts";
import { map } from "./map/map.ts";
import { math } from "./math/math.ts";
import { hostnameMapper } from "./net/hostname-mapper.ts";
import { http } from "./net/http.ts";
import { net } from "./net/net.ts";
import { familyConstants } from "./os/distribution.ts";
import { os } from "./os/index.ts";
import { prelude } from "./prelude/index.ts";
import { regexp } from "./regexp/regexp.ts";
import { strings } from "./strings/strings.ts";
import { sys } from "./sys/sys.ts";
import { test } from "./test/test.ts";
import { value } from "./value/value.ts";
import { world } from "./world/world.ts";

const others: readonly FunctionDefinition[] = [
  ...prelude,
  ...convert,
  ...datetime,
  ...deploy,
  ...provisionerFunctions(usualSettings),
  ...encoding,
  ...example,
  printf,
  ...golangLibrary,
  hostnameMapper,
  ...http,
  ...iter,
  ...iterWithFunctions,
  ...list,
  ...local,
  ...map,
  ...math,
  ...net,
  ...os,
  ...regexp,
  ...strings,
  ...sys,
  ...test,
  ...value,
  ...world,
];

export const functions: readonly FunctionDefinition[] = [...others, createTemplate(others)];

export const constants: readonly Constant[] = [...exampleConstants, ...familyConstants];
