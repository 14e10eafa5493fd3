// SPDX-License-Identifier: Apache-2.0
// The declared schema of `hetzner:vm`, and mistakes in it that types cannot tell.

import { field, type Want } from "../../../contract/field.ts";
import type { WantProblem } from "../../../contract/resource.ts";
import { byteLength } from "../../../values/bytes.ts";

export const vmFields = {
  apitoken: field.str({ secret: true, doc: "What Hetzner Cloud knows us by: a token that may read and write." }),
  state: field.str({
    choices: ["exists", "running", "off", "absent"],
    doc: "Whether there is such a server, and whether it runs. Not given: it is neither made, removed, started nor stopped.",
  }),
  allowrebuild: field.str({
    choices: ["ignore", "ifneeded"],
    doc: "What is done with a server of another type, place or image: `ignore` leaves it, `ifneeded` changes its type, installs its image or makes it anew, which loses what is on it. Not given: a failure.",
  }),
  servertype: field.str({ doc: "The type of the server.", example: '"cx22"' }),
  datacenter: field.str({
    doc: "Where the server is: a datacenter or a location. Not given: anywhere.",
    example: '"fsn1"',
  }),
  image: field.str({ doc: "What the server is made from.", example: '"debian-12"' }),
  userdata: field.str({
    secret: true,
    doc: "What the server finds at its first start, for cloud-init; 32 KiB at most.",
  }),
  serverrescuemode: field.str({
    choices: ["linux32", "linux64", "freebsd64"],
    doc: "The rescue system that the server starts the next time. Not given: none.",
  }),
  serverrescuekeys: field.strings({
    doc: "SSH keys of the project that may log in to the rescue system, by name or number.",
    example: '["admin"]',
  }),
  waitinterval: field.int({
    bits: 32,
    unsigned: true,
    default: 5,
    doc: "Seconds between two questions whether a change is done.",
  }),
  waittimeout: field.int({ bits: 32, unsigned: true, default: 300, doc: "Seconds that a change may take." }),
};

export type VmWant = Want<typeof vmFields>;

const largestUserDataBytes = 32 * 1024;
const words = { servertype: "type of server", datacenter: "place" } as const;

export function checkVm(want: VmWant, name: string): readonly WantProblem[] {
  const found: WantProblem[] = [];
  if (!/^(?=.{1,63}$)[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name)) {
    found.push({ title: `"${name}" is no name of a server`, hint: "It must be a name of a host." });
  }
  if (want.apitoken === "")
    found.push({
      field: "apitoken",
      title: "Hetzner Cloud needs an `apitoken`",
      hint: "The console of the project makes one, under Security.",
    });
  if (/[^\x21-\x7e]/.test(want.apitoken)) {
    found.push({
      field: "apitoken",
      title: "`apitoken` has characters that no token has",
      hint: "The line end of a file that it is read from goes with `strings.trim_space`.",
    });
  }
  const isMade = want.state !== "" && want.state !== "absent";
  if (isMade && want.servertype === "")
    found.push({ field: "servertype", title: "a server needs a `servertype`", hint: 'Write it like "cx22".' });
  if (isMade && want.image === "")
    found.push({ field: "image", title: "a server needs an `image`", hint: 'Write it like "debian-12".' });
  // The service tells them in small letters, and with what it tells they are compared.
  for (const [field, example] of [
    ["servertype", "cx22"],
    ["datacenter", "fsn1"],
  ] as const) {
    const text = want[field];
    if (text === "" || isSlug(text)) continue;
    const meant = text.trim().toLowerCase();
    found.push({
      field,
      title: `"${text}" is no name that Hetzner Cloud gives to a ${words[field]}`,
      hint: isSlug(meant) ? `Did you mean "${meant}"?` : `Write it like "${example}".`,
    });
  }
  if (/\p{Cc}/u.test(want.image) || want.image.trim() !== want.image) {
    found.push({
      field: "image",
      title: `"${want.image}" is no name of an image: it has white space around it, or control characters`,
      hint: 'Write it like "debian-12".',
    });
  }
  if (byteLength(want.userdata) > largestUserDataBytes) {
    found.push({
      field: "userdata",
      title: `\`userdata\` may have 32 KiB, but has ${byteLength(want.userdata)} bytes`,
      hint: "cloud-init fetches more by itself: `#include` with URLs below it.",
    });
  }
  if (want.serverrescuekeys.length > 0 && want.serverrescuemode === "") {
    found.push({
      field: "serverrescuekeys",
      title: "`serverrescuekeys` needs a `serverrescuemode`",
      hint: 'The usual one is "linux64".',
    });
  }
  if (want.waitinterval < 1)
    found.push({ field: "waitinterval", title: `\`waitinterval\` is one second at least, not ${want.waitinterval}` });
  if (want.waittimeout < want.waitinterval) {
    found.push({
      field: "waittimeout",
      title: `\`waittimeout\` is ${want.waittimeout}, less than \`waitinterval\`, ${want.waitinterval}`,
    });
  }
  return found;
}

function isSlug(text: string): boolean {
  return /^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);
}
