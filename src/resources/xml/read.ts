// SPDX-License-Identifier: Apache-2.0
// XML as programs write it for programs: elements, attributes, text. Definitions of document types are refused, so
// nothing can be looked up or grow without end.

import { type Document, DOMParser, type Element as DomElement } from "@xmldom/xmldom";
import { Failure } from "../../contract/failure.ts";

export interface Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly Element[];
  /** All that stands directly in it, in one piece. */
  readonly text: string;
}

/** Deeper than anything that is asked for: what comes from elsewhere may not use up the stack. */
const deepest = 200;

/** The one element of a document. Fails with `invalid`, and calls the document what `what` says. */
export function parseXml(source: string, what: string): Element {
  const broken = (why: string) => new Failure(`${what} is no XML that can be read: ${why}`, { code: "invalid" });
  const { document, problem } = parse(source);
  if (problem !== undefined) throw broken(problem);
  if (document?.doctype) throw broken("it defines its own type of document");
  const element = document?.documentElement ?? undefined;
  if (element === undefined) throw broken("it has no element");
  return elementOf(element, 0, broken);
}

/** The reader goes on after most mistakes; the first of them counts. */
function parse(source: string): { readonly document?: Document; readonly problem: string | undefined } {
  let problem: string | undefined;
  const onError = (_level: string, message: string) => {
    problem ??= message.replace(/\s+/g, " ");
  };
  // It takes the character 0, which XML has not, when it is written as a reference.
  if (/\0|&#x?0+;/i.test(source)) return { problem: "it has the character 0" };
  try {
    return { document: new DOMParser({ onError }).parseFromString(source, "text/xml"), problem };
  } catch (error) {
    return { problem: problem ?? (error instanceof Error ? error.message : String(error)) };
  }
}

function elementOf(given: DomElement, depth: number, broken: (why: string) => Failure): Element {
  if (depth > deepest) throw broken("it is too deep");
  const children: Element[] = [];
  let text = "";
  for (const node of given.childNodes) {
    if (node.nodeType === node.ELEMENT_NODE) children.push(elementOf(node as DomElement, depth + 1, broken));
    else if (node.nodeType === node.TEXT_NODE || node.nodeType === node.CDATA_SECTION_NODE)
      text += node.nodeValue ?? "";
  }
  const attributes = new Map([...given.attributes].map(({ name, value }) => [name, value]));
  return { name: given.tagName, attributes, children, text };
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
