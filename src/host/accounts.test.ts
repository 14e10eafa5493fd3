// SPDX-License-Identifier: Apache-2.0
// What the tables of users and groups say, and what they do not.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decimalId, parseAccounts } from "./accounts.ts";

describe("tables of users and groups", () => {
  it("give ids by name and names by id, the first of two", () => {
    const { ids, names, homes, primaryGroups } = parseAccounts(
      "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\nweb:x:33:33::/:/bin/false\nweb:x:34:34::/:\n",
    );
    assert.equal(ids.get("root"), 0);
    assert.equal(ids.get("toor"), 0);
    assert.equal(ids.get("web"), 33);
    assert.equal(names.get(0), "root");
    assert.equal(names.get(34), "web");
    assert.deepEqual([...homes].slice(0, 2), [
      ["root", "/root"],
      ["toor", "/root"],
    ]);
    assert.equal(homes.get("web"), "/");
    assert.deepEqual(
      [...primaryGroups],
      [
        ["root", 0],
        ["toor", 0],
        ["web", 33],
      ],
    );
  });

  it("leave out lines of another form", () => {
    const { ids } = parseAccounts("# comment:x:1:\n\n+::::::\n+nis:x:abc:\nbroken\nok:x:7:\n");
    assert.deepEqual([...ids], [["ok", 7]]);
  });

  it("take as numbers only ids that can be", () => {
    const check = (text: string, id: number | undefined) => assert.equal(decimalId(text), id);
    check("0", 0);
    check("4294967294", 4_294_967_294);
    check("4294967295", undefined);
    check("-1", undefined);
    check("1e3", undefined);
    check("", undefined);
    check("12345678901", undefined);
  });
});
