// SPDX-License-Identifier: Apache-2.0
// A catalog for the tests of this folder: what syntax stands for, and a few modules that show every rule of imports.

import { createCatalog } from "../../contract/catalog.ts";
import { defineFunction } from "../../contract/function.ts";
import { floatType, strType } from "../../values/type.ts";

function declare(module: string, name: string, type: string) {
  return defineFunction({ module, name, type, doc: "Only its name counts here.", pure: () => false });
}

export const smallCatalog = createCatalog({
  kinds: [],
  functions: [
    declare("", "_operator", "func(str, ?1) ?2"),
    declare("", "_lookup", "func(?1, ?2) ?3"),
    declare("", "_struct_lookup", "func(?1, str) ?2"),
    declare("", "_struct_lookup_optional", "func(?1, str, ?2) ?2"),
    declare("", "_collect", "func(str, ?1) []struct{name str; host str; data str}"),
    declare("", "concat", "func(str, str) str"),
    declare("", "contains", "func(?1, []?1) bool"),
    declare("", "len", "func(?1) int"),
    declare("", "panic", "func(?1) bool"),
    declare("", "panic_debug", "func(bool, str) bool"),
    declare("datetime", "now", "func() int"),
    declare("fmt", "printf", "func(str) str"),
    declare("math", "sqrt", "func(float) float"),
    declare("golang/math", "sqrt", "func(float) float"),
    declare("golang/strings", "to_upper", "func(str) str"),
    declare("strings", "split", "func(str, str) []str"),
    declare("example", "answer", "func() int"),
    declare("mgmt-odd-name", "answer", "func() int"),
  ],
  constants: [
    { module: "", name: "hostname", type: strType, value: "web1" },
    { module: "", name: "const.res.file.state.exists", type: strType, value: "exists" },
    { module: "math", name: "pi", type: floatType, value: 3.14 },
    { module: "example", name: "word", type: strType, value: "a word" },
  ],
});
