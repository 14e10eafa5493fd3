// SPDX-License-Identifier: Apache-2.0
// A picture as SVG that needs nothing else: on light and on dark pages, with whole texts as tooltips. Same picture, same
// bytes.

import { type Box, layOut, type Route } from "./layout.ts";
import type { Picture, PictureEdge, PictureVertex } from "./picture.ts";

/** Pixels. The font has one width, so that a text can be measured without being drawn. */
const characterWidth = 7.3;
const lineHeight = 16;
const padding = { x: 10, y: 6 };
const margin = 20;
const titleHeight = 30;
const longestLine = 56;
const mostLines = 8;
const colours = 8;

export function renderSvg(picture: Picture): string {
  const texts = picture.vertices.map(linesOf);
  const sizes = texts.map((lines) => ({
    width: Math.max(...lines.map(widthOf)) + 2 * padding.x,
    height: lines.length * lineHeight + 2 * padding.y,
  }));
  const layout = layOut(
    picture.vertices.map(({ key }) => key),
    sizes,
    picture.edges,
  );
  const width = Math.ceil(Math.max(layout.width, widthOf(shorten(picture.name)) * 1.2) + 2 * margin);
  const height = Math.ceil(layout.height + 2 * margin + titleHeight);
  const colourOf = coloursOf(picture.vertices);
  const nameOf = new Map(picture.vertices.map(({ key, label }) => [key, label ?? key]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<title>${escape(picture.name)}</title>`,
    style,
    arrow,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="name" x="${margin}" y="${margin + 4}">${escape(shorten(picture.name))}</text>`,
    `<g transform="translate(${margin} ${margin + titleHeight - 8})">`,
    ...picture.edges.map((edge, number) => edgeElement(edge, layout.routes[number] ?? [], nameOf)),
    ...picture.vertices.map((vertex, number) =>
      vertexElement(vertex, texts[number] ?? [], layout.boxes[number] as Box, colourOf(vertex)),
    ),
    ...picture.edges.map((edge, number) => labelElement(edge, layout.routes[number] ?? [])),
    "</g>",
    "</svg>",
    "",
  ]
    .filter((line, at, all) => line !== "" || at === all.length - 1)
    .join("\n");
}

const style = `<style>
.page { fill: #ffffff }
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2328; white-space: pre }
.name { font-weight: bold; font-size: 14px }
.box { stroke: #57606a; stroke-width: 1; fill: #f6f8fa }
.dashed { stroke-dasharray: 5 3 }
.edge { fill: none; stroke: #6e7781; stroke-width: 1.2; marker-end: url(#arrow) }
.bold { stroke: #1f2328; stroke-width: 2.4 }
.edge:hover, g:hover > .box { stroke: #d1242f; stroke-width: 2.4 }
.label { font-size: 10px; fill: #424a53; stroke: #ffffff; stroke-width: 3; paint-order: stroke; text-anchor: end }
.head { fill: #57606a }
.c0 { fill: #ddf4ff } .c1 { fill: #dafbe1 } .c2 { fill: #fff8c5 } .c3 { fill: #ffe2d9 }
.c4 { fill: #fbefff } .c5 { fill: #d8f5f1 } .c6 { fill: #f1ecdf } .c7 { fill: #eaeef2 }
@media (prefers-color-scheme: dark) {
.page { fill: #0d1117 }
text { fill: #e6edf3 }
.box { stroke: #7d8590; fill: #161b22 }
.edge { stroke: #7d8590 }
.bold { stroke: #e6edf3 }
.label { fill: #adb5bd; stroke: #0d1117 }
.head { fill: #9da7b1 }
.c0 { fill: #0c2d4f } .c1 { fill: #12371f } .c2 { fill: #3d3000 } .c3 { fill: #4a2014 }
.c4 { fill: #341a4b } .c5 { fill: #0b3b38 } .c6 { fill: #33301f } .c7 { fill: #262c34 }
}
</style>`;

const arrow =
  '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" ' +
  'markerUnits="userSpaceOnUse" orient="auto"><path class="head" d="M0 0.8 8 4 0 7.2z"/></marker></defs>';

function vertexElement(
  { key, label, dashed }: PictureVertex,
  lines: readonly string[],
  box: Box,
  colour: string,
): string {
  const texts = lines.map((line, at) => {
    const y = box.y + padding.y + (at + 0.74) * lineHeight;
    return `<text x="${short(box.x + padding.x)}" y="${short(y)}">${escape(line)}</text>`;
  });
  const place = `x="${short(box.x)}" y="${short(box.y)}" width="${short(box.width)}" height="${short(box.height)}"`;
  const classes = `box${colour}${dashed === true ? " dashed" : ""}`;
  return `<g><title>${escape(label ?? key)}</title><rect class="${classes}" ${place} rx="5"/>${texts.join("")}</g>`;
}

function edgeElement(
  { from, to, label, bold, dashed }: PictureEdge,
  route: Route,
  nameOf: ReadonlyMap<string, string>,
): string {
  const path = from === to ? loopAt(route) : pathOf(route);
  const classes = `edge${bold === true ? " bold" : ""}${dashed === true ? " dashed" : ""}`;
  const ends = `${nameOf.get(from) ?? from} → ${nameOf.get(to) ?? to}`;
  const about = [ends, ...(label === undefined ? [] : [label]), ...(bold === true ? ["notifies"] : [])].join("\n");
  return `<path class="${classes}" d="${path}"><title>${escape(about)}</title></path>`;
}

function pathOf(route: Route): string {
  const parts = route.map(({ fromX, toX, y }, at) => {
    const before = route[at - 1];
    const level = toX === fromX ? "" : `H${short(toX)}`;
    if (before === undefined) return `M${short(fromX)} ${short(y)}${level}`;
    const middle = short((before.toX + fromX) / 2);
    return `C${middle} ${short(before.y)} ${middle} ${short(y)} ${short(fromX)} ${short(y)}${level}`;
  });
  return parts.join("");
}

/** Of one that leads from a vertex to itself. */
function loopAt([place]: Route): string {
  if (place === undefined) return "";
  return `M${short(place.fromX)} ${short(place.y + 6)}c24 10 24 -22 0 -12`;
}

/** Before the head of the arrow, where edges of one sender have parted. */
function labelElement({ label }: PictureEdge, route: Route): string {
  const last = route.at(-1);
  if (label === undefined || last === undefined) return "";
  return label
    .split("\n")
    .map(
      (line, at) =>
        `<text class="label" x="${short(last.fromX - 10)}" y="${short(last.y - 4 + at * 11)}">${escape(shorten(line))}</text>`,
    )
    .join("");
}

/** The first groups, in the order of the alphabet, have colours of their own. */
function coloursOf(vertices: readonly PictureVertex[]): (vertex: PictureVertex) => string {
  const groups = [...new Set(vertices.flatMap(({ group }) => group ?? []))].sort();
  const numberOf = new Map(groups.map((group, number) => [group, number % colours]));
  return ({ group }) => (group === undefined ? "" : ` c${numberOf.get(group)}`);
}

/** What stands in a box: of a long text the beginning and the end, which tell paths apart. */
function linesOf({ key, label }: PictureVertex): readonly string[] {
  const lines = (label ?? key).split("\n").map(shorten);
  return lines.length <= mostLines
    ? lines
    : [...lines.slice(0, mostLines - 1), `and ${lines.length - mostLines + 1} more`];
}

function shorten(line: string): string {
  const characters = Array.from(line);
  if (characters.length <= longestLine) return line;
  const half = (longestLine - 1) / 2;
  return `${characters.slice(0, Math.ceil(half)).join("")}…${characters.slice(-Math.floor(half)).join("")}`;
}

function widthOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += (character.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1;
  return cells * characterWidth;
}

/** Tenths of a pixel are enough. */
function short(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}

/** As XML takes it: it has no way to write most control characters, nor halves of characters. */
function escape(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\ufffe\uffff]/gu, (character) => (/[\t\n\r]/.test(character) ? character : "\ufffd"))
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
