// SPDX-License-Identifier: Apache-2.0
// What a content is, by the name of its file, else by its first bytes. What nobody knows is `application/octet-stream`.

const byExtension: ReadonlyMap<string, string> = new Map(
  Object.entries({
    avif: "image/avif",
    cfg: "text/plain; charset=utf-8",
    conf: "text/plain; charset=utf-8",
    css: "text/css; charset=utf-8",
    csv: "text/csv; charset=utf-8",
    deb: "application/vnd.debian.binary-package",
    efi: "application/efi",
    gif: "image/gif",
    gz: "application/gzip",
    htm: "text/html; charset=utf-8",
    html: "text/html; charset=utf-8",
    ico: "image/vnd.microsoft.icon",
    ipxe: "text/plain; charset=utf-8",
    iso: "application/vnd.efi.iso",
    jpeg: "image/jpeg",
    jpg: "image/jpeg",
    js: "text/javascript; charset=utf-8",
    json: "application/json",
    ks: "text/plain; charset=utf-8",
    md: "text/markdown; charset=utf-8",
    mjs: "text/javascript; charset=utf-8",
    mp4: "video/mp4",
    pdf: "application/pdf",
    png: "image/png",
    rpm: "application/x-rpm",
    sh: "text/plain; charset=utf-8",
    svg: "image/svg+xml",
    tar: "application/x-tar",
    txt: "text/plain; charset=utf-8",
    wasm: "application/wasm",
    webp: "image/webp",
    woff2: "font/woff2",
    xml: "text/xml; charset=utf-8",
    xz: "application/x-xz",
    yaml: "application/yaml",
    yml: "application/yaml",
    zip: "application/zip",
    zst: "application/zstd",
  }),
);

const beginnings: readonly (readonly [readonly number[], string])[] = [
  [[0x89, 0x50, 0x4e, 0x47], "image/png"],
  [[0xff, 0xd8, 0xff], "image/jpeg"],
  [[0x47, 0x49, 0x46, 0x38], "image/gif"],
  [[0x25, 0x50, 0x44, 0x46], "application/pdf"],
  [[0x1f, 0x8b], "application/gzip"],
  [[0x50, 0x4b, 0x03, 0x04], "application/zip"],
];

const unknown = "application/octet-stream";
/** How much of a content is looked at. */
export const sniffedBytes = 512;

export function mediaTypeOf(path: string, beginning: Uint8Array): string {
  return mediaTypeOfName(path) ?? sniff(beginning.subarray(0, sniffedBytes));
}

/** Undefined when the name does not tell it. */
export function mediaTypeOfName(path: string): string | undefined {
  const extension = /\.([^./]+)$/.exec(path)?.[1]?.toLowerCase();
  return extension === undefined ? undefined : byExtension.get(extension);
}

function sniff(bytes: Uint8Array): string {
  for (const [beginning, type] of beginnings) if (beginning.every((byte, index) => bytes[index] === byte)) return type;
  const isBinary = bytes.some(
    (byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27,
  );
  if (isBinary) return unknown;
  const start = new TextDecoder().decode(bytes).trimStart().toLowerCase();
  return /^(?:<!doctype html|<html|<head|<body|<h1)/.test(start)
    ? "text/html; charset=utf-8"
    : "text/plain; charset=utf-8";
}
