// SPDX-License-Identifier: Apache-2.0
// Lines of keys, right and wrong ones, and what happens to the lines of a file.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withKey, withoutKey } from "./key-file.ts";
import { type KeyLine, parseKeyLine, renderKeyLine, shortKey } from "./key-line.ts";

const one = "AAAAC3NzaC1lZDI1NTE5AAAAIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
const two = "AAAAC3NzaC1lZDI1NTE5AAAAIAkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJ";
const rsa = "AAAAB3NzaC1yc2EAAAAUBQUFBQUFBQUFBQUFBQUFBQUFBQU=";

function key(text: string): KeyLine {
  const parsed = parseKeyLine(text);
  assert.ok(!("wrong" in parsed), text);
  return parsed;
}

function check(text: string, expected: string): void {
  const parsed = parseKeyLine(text);
  assert.equal("wrong" in parsed ? parsed.wrong : renderKeyLine(parsed), expected);
}

test("a line is brought into its usual form", () => {
  check(`ssh-ed25519 ${one}`, `ssh-ed25519 ${one}`);
  check(`  ssh-ed25519\t${one}   alice at home \n`, `ssh-ed25519 ${one} alice at home`);
  check(`no-pty ssh-rsa ${rsa} bob`, `no-pty ssh-rsa ${rsa} bob`);
  check(
    `command="echo \\"a b\\"",from="10.0.0.1" ssh-rsa ${rsa}`,
    `command="echo \\"a b\\"",from="10.0.0.1" ssh-rsa ${rsa}`,
  );
  assert.equal(shortKey(key(`ssh-ed25519 ${one} alice`)), "ssh-ed25519 …BwcHBwcH (alice)");
});

test("what is no key is told for what it is", () => {
  const noKey = "this is no public key: a line has a type, such as ssh-ed25519, and then the key in base64";
  check("", "the line has no key");
  check("# comment", "the line has no key");
  check("hello world", noKey);
  check(`ssh-ed25519 ${one.slice(0, 10)}`, noKey);
  check("-----BEGIN OPENSSH PRIVATE KEY-----", noKey);
  check(`ssh-rsa ${one}`, 'the key is of the type ssh-ed25519, but "ssh-rsa" stands before it');
  check(`command="x ssh-rsa ${rsa}`, "a quotation mark in the options of the key is never closed");
  check(`ssh-rsa ${rsa}\nssh-ed25519 ${one}`, "a key is a single line, without control characters");
});

test("a key gets one line, in its place, and the other lines keep their bytes", () => {
  const wanted = key(`no-pty ssh-ed25519 ${one} new`);
  const line = renderKeyLine(wanted);
  const put = (text: string, others: readonly string[] = []) => withKey(text, wanted, new Set(others));
  assert.equal(put(""), `${line}\n`);
  assert.equal(put(`# mine\nssh-rsa ${rsa}`), `# mine\nssh-rsa ${rsa}\n${line}\n`);
  assert.equal(put(`ssh-ed25519 ${one} old\r\nssh-rsa ${rsa}\r\n`), `${line}\r\nssh-rsa ${rsa}\r\n`);
  assert.equal(put(`ssh-ed25519 ${one} old\n${line}\n#\nssh-ed25519 ${one}`), `${line}\n#\n`);
  assert.equal(put(`${line}\n${line}\n`), `${line}\n`);
  assert.equal(put(`ssh-ed25519 ${one} x\n`, [`ssh-ed25519 ${one} x`]), `ssh-ed25519 ${one} x\n${line}\n`);
  assert.equal(put(`ssh-ed25519 ${two} x\n`), `ssh-ed25519 ${two} x\n${line}\n`);
});

test("a key goes with all its lines but those of other resources", () => {
  const text = `#\nssh-ed25519 ${one} a\nno-pty ssh-ed25519 ${one}\nssh-ed25519 ${two}`;
  const gone = (others: readonly string[]) => withoutKey(text, key(`ssh-ed25519 ${one}`), new Set(others));
  assert.equal(gone([]), `#\nssh-ed25519 ${two}`);
  assert.equal(gone([`ssh-ed25519 ${one} a`]), `#\nssh-ed25519 ${one} a\nssh-ed25519 ${two}`);
});
