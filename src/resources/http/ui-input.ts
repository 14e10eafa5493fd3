// SPDX-License-Identifier: Apache-2.0
// `http:server:ui:input`: an element of a form in a web browser. How it is served: server/input-member.ts.

import { field, fromName } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { strType } from "../../values/type.ts";
import { defineMember } from "../member.ts";
import { parseStore } from "./server/input-store.ts";

const fields = {
  path: field.str({ doc: "The name of the `http:server:ui`. Not given: any.", example: '"/ui/"' }),
  id: field.str({ default: fromName, doc: "What it is called in the form.", example: '"count"' }),
  value: field.str({ doc: "Its value until somebody enters another one.", example: '"3"' }),
  store: field.str({
    doc: "Where the value is kept and may be changed by others: `local://?key=K` for this machine, `world://?key=K` for the cluster. Not given: with the resource, as long as the run.",
    example: '"world://?key=count"',
  }),
  type: field.str({
    default: "text://",
    doc: "What is entered: `text://`, or a number on a slider, `range://?min=0&max=5&step=1`.",
    example: '"range://?min=0&max=5&step=1"',
  }),
  sort: field.str({ doc: "Elements are shown in the order of these texts, then of their names." }),
};

export const httpServerUiInput = defineMember({
  kind: "http:server:ui:input",
  summary: "An element of a form in a web browser; others can receive what is entered.",
  fields,
  traits: { sends: { value: strType } },
  partOf: { kind: "http:server:ui", field: "path" },
  check({ id, value, store, type }, name) {
    const found: WantProblem[] = [];
    if (id === "") found.push({ field: "id", title: "an element of a form needs an `id`" });
    if (store !== "" && value !== "") {
      found.push({
        field: "value",
        title: "only one of `store` and `value` can tell the value",
        hint: "`value` is fixed; in a `store` stays what people type.",
      });
    }
    if (store !== "" && parseStore(store, name) === undefined) {
      found.push({
        field: "store",
        title: `"${store}" is no store`,
        hint: 'Write "local://?key=K" or "world://?key=K".',
      });
    }
    if (!/^(?:text|range):\/\/\/?(?:\?.*)?$/s.test(type)) {
      found.push({
        field: "type",
        title: `"${type}" is no type of an element`,
        hint: 'Write "text://" or "range://?min=0&max=5&step=1".',
      });
    }
    return found;
  },
});
