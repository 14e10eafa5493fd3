// SPDX-License-Identifier: Apache-2.0
// What a graph in YAML can have wrong: what the page of each problem tells.

import { type Explanations, lines } from "./explanation.ts";

export const yamlExplanations: Explanations = {
  "yaml-syntax": {
    meaning: "The text is no YAML, so nothing in it can be read.",
    wrong: {
      "graph.yaml": lines("graph: [unclosed"),
    },
    right: {
      "graph.yaml": lines("graph: example", "resources:", "  noop:", "  - name: a"),
    },
  },
  "yaml-shape": {
    meaning:
      "Something in the graph has another form than it must: a list where a name belongs, a text where there must be a list.",
    wrong: {
      "graph.yaml": lines("graph: example", "resources:", "  noop: a"),
    },
    right: {
      "graph.yaml": lines("graph: example", "resources:", "  noop:", "  - name: a"),
    },
  },
  "yaml-missing": {
    meaning: "A resource or an edge lacks something that it must have.",
    wrong: {
      "graph.yaml": lines("graph: example", "resources:", "  noop:", "  - comment: nameless"),
    },
    right: {
      "graph.yaml": lines("graph: example", "resources:", "  noop:", "  - name: a", "    comment: named"),
    },
  },
  "yaml-unknown-kind": {
    meaning: `There is no kind of resource of this name. \`mgmt docs\` lists them.`,
    wrong: {
      "graph.yaml": lines("graph: example", "resources:", "  nop:", "  - name: a"),
    },
    right: {
      "graph.yaml": lines("graph: example", "resources:", "  noop:", "  - name: a"),
    },
  },
  "yaml-unknown-field": {
    meaning: `The kind has no field of this name. \`mgmt docs\` with the name of the kind lists its fields.`,
    wrong: {
      "graph.yaml": lines("graph: example", "resources:", "  noop:", "  - name: a", "    coment: a note"),
    },
    right: {
      "graph.yaml": lines("graph: example", "resources:", "  noop:", "  - name: a", "    comment: a note"),
    },
  },
  "yaml-wrong-type": {
    meaning: "The value of a field has another type than the field takes.",
    wrong: {
      "graph.yaml": lines("graph: example", "resources:", "  timer:", "  - name: a", "    interval: soon"),
    },
    right: {
      "graph.yaml": lines("graph: example", "resources:", "  timer:", "  - name: a", "    interval: 60"),
    },
  },
};
