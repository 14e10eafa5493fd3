// SPDX-License-Identifier: Apache-2.0
// What `mgmt provisioner` was called with, as a program sees it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { renderType } from "../../values/type.ts";
import { check } from "../check.test-support.ts";
import { provisionerFunctions, usualSettings } from "./provisioner.ts";

test("without the command each function gives its default", () => {
  check("embedded/provisioner.cli_network", [], "192.168.42.0/24");
  check("embedded/provisioner.cli_distro", [], "fedora");
  check("embedded/provisioner.cli_dns", [], []);
  check("embedded/provisioner.cli_luks", [], true);
  check("embedded/provisioner.cli_mac", [], "");
  check("embedded/provisioner.check", [], false);
});

test("every setting has its one function, of its type", () => {
  // Each setting gets a value of its own, so that none can stand for another.
  const own = Object.fromEntries(
    Object.entries(usualSettings).map(([key, usual]) => [
      key,
      typeof usual === "string" ? `the ${key}` : typeof usual === "boolean" ? !usual : [`one of ${key}`],
    ]),
  );
  const functions = provisionerFunctions({ ...usualSettings, ...own });
  const found = functions.map((definition) => {
    assert.ok("read" in definition);
    const value = definition.read([], undefined as never);
    const type = typeof value === "string" ? "str" : typeof value === "boolean" ? "bool" : "[]str";
    assert.equal(renderType(definition.type.result), type, definition.name);
    return value;
  });
  assert.equal(functions.length, Object.keys(usualSettings).length);
  assert.deepEqual(new Set(found), new Set(Object.values(own)));
});
