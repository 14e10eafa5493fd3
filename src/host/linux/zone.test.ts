// SPDX-License-Identifier: Apache-2.0
// Names of time zones, read from files made here.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseZone } from "./zone.ts";

describe("zone files", () => {
  it("tell their names by time and by rule", () => {
    const zone = parseZone(
      zoneFile(
        "CET-1CEST,M3.5.0,M10.5.0/3",
        [
          [0, "CEST"],
          [1000, "CET"],
        ],
        ["CET", "CEST"],
      ),
    );
    assert.deepEqual(zone?.transitions, [
      { at: 0, name: "CEST" },
      { at: 1000, name: "CET" },
    ]);
    assert.equal(zone.first, "CET");
    assert.deepEqual(zone.rule, [
      { name: "CET", offsetSeconds: 3600 },
      { name: "CEST", offsetSeconds: 7200 },
    ]);
  });

  it("may have rules of any sign, with and without summer", () => {
    const check = (rule: string, expected: readonly (readonly [string, number])[]) =>
      assert.deepEqual(
        parseZone(zoneFile(rule, [], ["X"]))?.rule,
        expected.map(([name, offsetSeconds]) => ({ name, offsetSeconds })),
      );
    check("UTC0", [["UTC", 0]]);
    check("EST5EDT,M3.2.0,M11.1.0", [
      ["EST", -18_000],
      ["EDT", -14_400],
    ]);
    check("<+0330>-3:30", [["<+0330>", 12_600]]);
    check("IST-1GMT0,M10.5.0,M3.5.0/1", [
      ["IST", 3600],
      ["GMT", 0],
    ]);
  });

  it("of another kind are none", () => {
    assert.equal(parseZone(Buffer.from("something else")), undefined);
    assert.equal(parseZone(Buffer.alloc(0)), undefined);
  });
});

/** A version 2 file: an empty first part, then the real one. */
function zoneFile(rule: string, transitions: readonly (readonly [number, string])[], names: readonly string[]): Buffer {
  const characters = Buffer.from(names.map((name) => `${name}\0`).join(""));
  const header = (times: number, types: number, length: number) => {
    const bytes = Buffer.alloc(44);
    bytes.write("TZif2");
    bytes.writeUInt32BE(times, 32);
    bytes.writeUInt32BE(types, 36);
    bytes.writeUInt32BE(length, 40);
    return bytes;
  };
  const times = Buffer.alloc(transitions.length * 8);
  for (const [index, [at]] of transitions.entries()) times.writeBigInt64BE(BigInt(at), index * 8);
  const indexes = Buffer.from(transitions.map(([, name]) => names.indexOf(name)));
  const types = Buffer.alloc(names.length * 6);
  for (const [index, name] of names.entries()) types.writeUInt8(characters.indexOf(`${name}\0`), index * 6 + 5);
  return Buffer.concat([
    header(0, 0, 0),
    header(transitions.length, names.length, characters.length),
    times,
    indexes,
    types,
    characters,
    Buffer.from(`\n${rule}\n`),
  ]);
}
