// SPDX-License-Identifier: Apache-2.0
// Lists of machines as people write them, and what is wrong with them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readMachines } from "./read-machines.ts";

function check(text: string, format: "yaml" | "csv", expected: readonly string[]): void {
  const { machines, problems } = readMachines(text, format);
  const told = machines.map(({ name, mac, fields }) => `${name} ${mac} ${JSON.stringify(Object.fromEntries(fields))}`);
  assert.deepEqual([...told, ...problems], expected);
}

test("a list in YAML", () => {
  check(
    "- name: web1\n  mac: 52-54-00-12-34-56\n  ip: 192.168.42.13/24\n  packages: [vim, git]\n  luks: true\n- mac: 52:54:00:AB:cd:EF\n",
    "yaml",
    [
      'web1 52:54:00:12:34:56 {"ip":"192.168.42.13/24","packages":["vim","git"],"luks":true}',
      "52-54-00-ab-cd-ef 52:54:00:ab:cd:ef {}",
    ],
  );
});

test("a list in CSV: quotes, empty cells, comments and lists parted by blanks", () => {
  check(
    'name,mac,packages,args,bios\r\n# the rack\r\nweb1,52:54:00:12:34:56,vim git,"a, ""b""",true\r\nweb2,52:54:00:12:34:57,,,\r\n',
    "csv",
    ['web1 52:54:00:12:34:56 {"packages":["vim","git"],"args":"a, \\"b\\"","bios":true}', "web2 52:54:00:12:34:57 {}"],
  );
});

test("a number is a text where one is wanted", () => {
  check("- mac: 52:54:00:12:34:56\n  version: 13\n", "yaml", ['52-54-00-12-34-56 52:54:00:12:34:56 {"version":"13"}']);
});

test("all that is wrong is told, and nothing is installed by half a list", () => {
  check("- name: web1\n  mac: 52:54:00\n- name: Web 2\n  mac: 52:54:00:12:34:56\n  pakages: vim\n  luks: 1\n", "yaml", [
    "machine 1: mac is no hardware address; write 52:54:00:12:34:56",
    "machine 2: name is made of small letters, digits, dots and hyphens",
    "Web 2: there is no field pakages; did you mean packages?",
    "Web 2: luks is true or false",
  ]);
  check("- mac: 52:54:00:12:34:56\n  ip: 192.168.42.13\n", "yaml", [
    "52-54-00-12-34-56: ip has the length of the network part behind it, 192.168.42.13/24",
  ]);
  check("name: web1\n", "yaml", ["a list of machines begins each with a dash: `- name: web1`"]);
  check("- 1\n", "yaml", ["machine 1: it has no fields"]);
  check('name,mac\nweb1,52:54:00:12:34:56,x\nweb2,"52', "csv", [
    "a quote is never closed",
    "line 2: more values than the first line has fields",
    "line 3: mac is no hardware address; write 52:54:00:12:34:56",
  ]);
});

test("no two machines have one name, one hardware address or one address", () => {
  check(
    "name,mac,ip\na,52:54:00:12:34:56,192.168.42.2/24\na,52:54:00:12:34:57,192.168.42.2/24\nc,52:54:00:12:34:56,\n",
    "csv",
    ["a: it has the name of a", "c: it has the mac of a", "a: it has the ip of a"],
  );
});
