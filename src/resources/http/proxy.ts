// SPDX-License-Identifier: Apache-2.0
// `http:server:proxy`: what a mirror has, through a cache for many machines. How: server/proxy-member.ts.

import { field, fromName } from "../../contract/field.ts";
import type { WantProblem } from "../../contract/resource.ts";
import { directoriesAbove, pathIdentity } from "../files/path-identities.ts";
import { defineMember } from "../member.ts";
import { parseSize } from "../byte-size.ts";
import type { ProxyWant } from "./server/proxy/place.ts";
import { pathProblems } from "../files/possible-path.ts";
import { cleanPath } from "../files/path.ts";

const fields = {
  server: field.str({ doc: "The name of the `http:server`. Not given: any.", example: '":8080"' }),
  path: field.str({
    default: fromName,
    doc: "The path in the URL; with `/` at its end, what it begins with.",
    example: '"/debian/"',
  }),
  sub: field.str({
    doc: "What is taken off the front of the path before it is put behind `head`.",
    example: '"/debian/"',
  }),
  head: field.str({
    doc: "The URL of the mirror; ends with `/`. Not given: what is in the cache is all there is.",
    example: '"https://deb.example.org/debian/"',
  }),
  cache: field.str({
    doc: "A directory in which is kept what was fetched, under the names that are behind `path`. Not given: nothing is kept.",
    example: '"/var/cache/mirror/debian/"',
  }),
  limit: field.str({
    doc: "How much is kept, in bytes or with KiB, MiB, GiB or TiB: what was not asked for the longest goes first. Not given: everything.",
    example: '"50GiB"',
  }),
  age: field.int64({
    unsigned: true,
    default: 60n,
    doc: "Seconds for which the mirror is not asked again whether something has changed. Packages, and index files with their digest as the name, never do.",
  }),
  immutable: field.strings({
    doc: "What else never changes, behind `path`; `*` stands for anything.",
    example: '["images/1.2/*"]',
  }),
};

export const httpServerProxy = defineMember({
  kind: "http:server:proxy",
  summary: "What a mirror has, served through a cache: fetched once, however many machines ask.",
  fields,
  traits: {},
  partOf: { kind: "http:server", field: "server" },
  edges: {
    reads: ["cache"],
    offers: () => [],
    *wishes({ cache }) {
      if (cache === "") return;
      const place = cache.replace(/\/+$/, "");
      yield { order: "before", anyOf: [pathIdentity(place), ...directoriesAbove(place)], why: "is its cache" };
    },
  },
  check: (want: ProxyWant) => checkProxy(want),
});

function shortest(path: string): string {
  const clean = cleanPath(path);
  return path.endsWith("/") && clean !== "/" ? `${clean}/` : clean;
}

function checkProxy({ path, sub, head, cache, limit, immutable }: ProxyWant): readonly WantProblem[] {
  const found: WantProblem[] = [];
  const expectPath = (name: "path" | "sub" | "cache", text: string, what: string): void => {
    if (!text.startsWith("/")) found.push({ field: name, title: `"${text}" does not begin with \`/\``, hint: what });
    else if (/(?:^|\/)\.{1,2}(?:\/|$)|\/\//.test(text))
      found.push({
        field: name,
        title: `"${text}" is not the shortest way to write it`,
        hint: `Write "${shortest(text)}".`,
      });
  };
  expectPath("path", path, "It is the path in the URL.");
  if (sub !== "") {
    expectPath("sub", sub, "It is the path in the URL.");
    if (!path.startsWith(sub) && !sub.startsWith(path)) {
      found.push({ field: "sub", title: `nothing below ${path} begins with ${sub}` });
    }
  }
  if ((head !== "" && !(/^https?:\/\/[^/]+\/(?:.*\/)?$/.test(head) && URL.canParse(head))) || /[?#]/.test(head)) {
    const hint = 'It begins with http:// or https:// and ends with `/`: "https://deb.example.org/debian/".';
    found.push({ field: "head", title: `"${head}" is no URL of a mirror`, hint });
  }
  if (cache !== "") expectPath("cache", cache, "It is a directory of this machine.");
  found.push(...pathProblems({ cache }));
  if (head === "" && cache === "")
    found.push({
      title: "a proxy needs a mirror (`head`) or a `cache`",
      hint: 'Write `head => "https://mirror.example.com/debian/"`, for example.',
    });
  if (limit !== "" && parseSize(limit) === undefined) {
    found.push({ field: "limit", title: `"${limit}" is no size`, hint: 'Write "500MiB" or "50GiB".' });
  }
  if (immutable.includes(""))
    found.push({
      field: "immutable",
      title: "an empty text means nothing",
      hint: 'It is a part of a path, like "/pool/".',
    });
  return found;
}
