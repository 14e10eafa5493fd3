// SPDX-License-Identifier: Apache-2.0
// util.hostname_mapper: a name for this machine by its MAC addresses.

import { defineFunction } from "../../contract/function.ts";
import { quote } from "../../values/print.ts";
import { fatal, mapAt } from "../arguments.ts";
import { macsOf } from "./links.ts";
import { once } from "../streams.ts";

export const hostnameMapper = defineFunction({
  module: "util",
  name: "hostname_mapper",
  type: "func(names map{str: str}) str",
  doc: "The name that a map from MAC addresses, in lower case with colons, to names has for this machine; empty when it has none. Two different names end the program's run. Looked at when the map changes.",
  example: '$name = util.hostname_mapper({"00:11:22:aa:bb:cc" => "web1"})',
  stream: (args, { host, signal }) =>
    once(async () => {
      const map = mapAt(args, 0);
      const names = new Set<string>();
      for (const mac of macsOf(await host.network.interfaces(signal))) {
        const name = map.get(mac);
        if (typeof name === "string") names.add(name);
      }
      const [first = "", second] = names;
      if (second !== undefined) throw fatal(`this machine has the names ${quote(first)} and ${quote(second)}`);
      return first;
    }),
});
