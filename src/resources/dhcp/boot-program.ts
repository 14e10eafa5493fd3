// SPDX-License-Identifier: Apache-2.0
// Which program a machine boots over the network: by who it is, what firmware it has, and whether that firmware or a loader
// is asking. Texts of the fields to one choice for each request.

import { field } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { type BootProgram, ownDisk } from "../../protocols/dhcp/answers.ts";
import { type BootClient, knownFirmwares, type Request } from "../../protocols/dhcp/request.ts";
import { option } from "../../protocols/dhcp/options.ts";
import { parseIpv4 } from "../../protocols/ipv4.ts";

/** No program: the machine goes on with the next thing in its boot order. */
const noProgram = "none";

/** Of servers, hosts and ranges. What one does not say the next one does, in the order host, range, server. */
export const bootFields = {
  nbp: field.str({
    doc: "The network boot program of whoever `nbp_for` does not name: `tftp://HOST/PATH`, or an HTTP URL for firmware and loaders that can do that. `none`: it boots from its disk, and firmware is told so at once. Not given: that of the range, else of the server.",
    example: '"tftp://192.168.42.1/pxelinux.0"',
  }),
  nbp_path: field.str({
    doc: "The path that clients are told, when it is not that of the URL of `nbp`, for example without a slash in front.",
    example: '"pxelinux.0"',
  }),
  nbp_for: field.stringMap({
    doc: `Boot programs by who asks. Firmware: ${knownFirmwares.map((name) => `\`${name}\``).join(", ")}, or the number of an architecture (DHCP option 93). \`http\`: firmware that boots over HTTP. \`ipxe\`: the loader iPXE. These two also for one firmware, \`http-uefi-x64\`.`,
    example:
      '{"bios" => "tftp://192.168.42.1/pxelinux.0", "uefi-x64" => "tftp://192.168.42.1/shimx64.efi", "http" => "http://192.168.42.1/boot.efi", "ipxe" => "http://192.168.42.1/menu.ipxe"}',
  }),
};

export interface BootWant {
  readonly nbp: string;
  readonly nbp_path: string;
  readonly nbp_for: ReadonlyMap<string, string>;
}

/** `none`; undefined when the text is neither that nor a place. */
export function parseBootProgram(nbp: string, path = ""): BootProgram | typeof noProgram | undefined {
  if (nbp === noProgram) return noProgram;
  const [, scheme = "", host = "", found = ""] = /^(tftp|https?):\/\/([^/]+)(\/.*)$/.exec(nbp) ?? [];
  if (scheme === "" || /[^\x21-\x7e]/.test(nbp + path)) return undefined;
  if (scheme !== "tftp")
    return {
      server: undefined,
      file: path === "" ? nbp : `${scheme}://${host}${path.startsWith("/") ? "" : "/"}${path}`,
    };
  return { server: { name: host, address: parseIpv4(host) }, file: path === "" ? found : path };
}

/** For this request, by what each of them says, the first one first. Undefined: they say nothing that is for it. */
export function chooseBootProgram(
  levels: readonly BootWant[],
  request: Request,
): BootProgram | typeof ownDisk | undefined {
  const { boot, type, asked } = request;
  // A system that has booted needs none.
  if (boot.loader === "none" && type !== "bootp" && !asked.has(option.bootFileName)) return undefined;
  let path = "";
  for (const { nbp, nbp_path: own, nbp_for: programs } of levels) {
    if (path === "") path = own; // Also for an `nbp` further on: the same server, and another file.
    const named = namesOf(boot).map((name) => programs.get(name));
    for (const found of [...named.map((text) => parseBootProgram(text ?? "")), parseBootProgram(nbp, path)]) {
      if (found === noProgram) return ownDisk;
      if (found !== undefined && suits(found, boot)) return found;
    }
  }
  return undefined;
}

/** The keys of `nbp_for` that mean this client, the most exact one first. */
function namesOf({ loader, firmware, architecture }: BootClient): readonly string[] {
  // Who says nothing of it is from a time when there was but one.
  const own = architecture === undefined ? "bios" : firmware;
  const machine = [...(architecture === undefined ? [] : [String(architecture)]), own];
  return loader === "ipxe" || loader === "http" ? [`${loader}-${own}`, loader, ...machine] : machine;
}

/** Firmware that boots over HTTP takes URLs alone, and one that boots over TFTP paths alone; iPXE takes both. */
function suits({ server }: BootProgram, { loader }: BootClient): boolean {
  const isUrl = server === undefined;
  if (loader === "http") return isUrl;
  return !isUrl || loader !== "pxe";
}

export function bootProblems({ nbp, nbp_path: path, nbp_for: programs }: BootWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const hint = 'Write "tftp://192.168.42.1/pxelinux.0", an http URL for firmware that boots over HTTP, or "none".';
  if (nbp !== "" && parseBootProgram(nbp, path) === undefined) {
    found.push({ field: "nbp", title: `"${nbp}" is no place of a boot program`, hint });
  }
  for (const [name, text] of programs) {
    if (!isName(name)) {
      found.push({
        field: "nbp_for",
        title: `there is no firmware or loader "${name}"`,
        hint: `There are ${knownFirmwares.join(", ")}, http, ipxe, http-FIRMWARE, ipxe-FIRMWARE, and numbers.`,
      });
    }
    const program = parseBootProgram(text);
    if (program === undefined) {
      found.push({ field: "nbp_for", title: `"${text}" is no place of a boot program`, hint });
    } else if (/^http(?:-|$)/.test(name) && program !== noProgram && program.server !== undefined) {
      found.push({
        field: "nbp_for",
        title: `firmware that boots over HTTP cannot fetch ${text}`,
        hint: `Serve it over HTTP, and write "${text.replace(/^tftp:/, "http:")}".`,
      });
    }
  }
  return found;
}

function isName(name: string): boolean {
  const firmware = name.replace(/^(?:http|ipxe)-/, "");
  if (name === "http" || name === "ipxe" || knownFirmwares.some((known) => known === firmware)) return true;
  return /^(?:0|[1-9]\d{0,4})$/.test(name) && Number(name) <= 0xffff;
}
