// SPDX-License-Identifier: Apache-2.0
// XML as programs write it for programs: elements, attributes, text. Definitions of document types are refused, so
// nothing can be looked up or grow without end.

import { Failure } from "../../contract/failure.ts";

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** All that stands directly in it, in one piece. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: Element[];
  text: string;
}

const deepest = 200;
const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };
const piece =
  /<!--[^]*?-->|<\?[^]*?\?>|<!\[CDATA\[([^]*?)\]\]>|<\/([^\s<>/]+)\s*>|<([^\s<>/!?=]+)((?:\s+[^\s<>/=]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;
const attribute = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The one element of a document. Fails with `invalid`, and calls the document what `what` says. */
export function parseXml(source: string, what: string): Element {
  const broken = (why: string) => new Failure(`${what} is no XML that can be read: ${why}`, { code: "invalid" });
  const decode = (text: string) =>
    text.replace(/&([^;\s&]*;?)/g, (_, name: string) => {
      const decoded = entity(name);
      if (decoded === undefined) throw broken(`it has &${name}`);
      return decoded;
    });
  const whole: Open = { name: "", attributes: new Map(), children: [], text: "" };
  const open: Open[] = [whole];
  piece.lastIndex = 0;
  while (piece.lastIndex < source.length) {
    const at = piece.lastIndex;
    const found = piece.exec(source);
    const here = open.at(-1);
    if (found === null || here === undefined) throw broken(`something is wrong at character ${at}`);
    const [, raw, closed, begun, attributes = "", alone, text] = found;
    if (raw !== undefined) here.text += raw;
    else if (text !== undefined) here.text += decode(text);
    else if (closed !== undefined) {
      if (open.length === 1 || here.name !== closed) throw broken(`</${closed}> ends nothing`);
      open.pop();
    } else if (begun !== undefined) {
      const element: Open = { name: begun, attributes: new Map(), children: [], text: "" };
      for (const [, name = "", double, single = ""] of attributes.matchAll(attribute)) {
        element.attributes.set(name, decode(double ?? single));
      }
      here.children.push(element);
      if (alone === "") open.push(element);
      if (open.length > deepest) throw broken("it is too deep");
    }
  }
  const [element] = whole.children;
  if (open.length > 1) throw broken(`<${open.at(-1)?.name ?? ""}> has no end`);
  if (element === undefined || whole.children.length > 1 || whole.text.trim() !== "") {
    throw broken("it is not one element");
  }
  return element;
}

function entity(name: string): string | undefined {
  if (!name.endsWith(";")) return undefined;
  const [, decimal, hexadecimal] = /^#(?:(\d+)|x([0-9a-f]+));$/i.exec(name) ?? [];
  const text = decimal ?? hexadecimal;
  if (text === undefined) return Object.hasOwn(named, name.slice(0, -1)) ? named[name.slice(0, -1)] : undefined;
  const code = Number.parseInt(text, decimal === undefined ? 16 : 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

// ---- What is in it ----

/** The first element at the end of this way of names; undefined when there is none. */
export function childOf(element: Element | undefined, ...names: readonly string[]): Element | undefined {
  return names.reduce((here, name) => here?.children.find((child) => child.name === name), element);
}

/** All elements at the end of the way, of the first at each turn before. */
export function childrenOf(element: Element | undefined, ...names: readonly string[]): readonly Element[] {
  const last = names.at(-1);
  return (childOf(element, ...names.slice(0, -1))?.children ?? []).filter(({ name }) => name === last);
}

/** Without white space around it; empty when there is no such element. */
export function textAt(element: Element | undefined, ...names: readonly string[]): string {
  return childOf(element, ...names)?.text.trim() ?? "";
}
