// SPDX-License-Identifier: Apache-2.0
// All that is known of one version of one document, each part computed when it is first asked for. A document is taken as
// a program of its own, with the modules that it imports; it may be broken.

import { type Problem, Problems } from "../base/problem.ts";
import type { SourceFile, Span } from "../base/span.ts";
import type { ModuleFile } from "../program/modules/module-file.ts";
import { resolveNames } from "../program/names/resolve.ts";
import type { Definition as NamedDefinition, NamedProgram } from "../program/names/tree.ts";
import { inferTypes, observeAllTypes, type TypeObserver } from "../program/types/infer.ts";
import type { TypedProgram } from "../program/types/tree.ts";
import { lex } from "../syntax/lexer.ts";
import { parseFile } from "../syntax/parser.ts";
import type { Tokens } from "../syntax/tokens.ts";
import type * as Syntax from "../syntax/tree.ts";
import { sameType, type Type } from "../values/type.ts";
import type { FileIndex, Indexer } from "./index-file.ts";
import { Lines } from "./lines.ts";
import type { Occurrence } from "./symbols.ts";

/** A mistake, or something that would be one if it were used. */
export interface Finding {
  readonly problem: Problem;
  readonly isUnused: boolean;
}

/** What modules a document imports; of a text without any, nothing. */
export type Surroundings = Pick<ModuleFile, "home" | "imports">;

export class Analysis {
  readonly source: SourceFile;
  readonly lines: Lines;
  readonly indexer: Indexer;
  /** What could be parsed. */
  readonly tree: Syntax.File;
  readonly surroundings: Surroundings;
  readonly #module: ModuleFile;
  #earlier: Analysis | undefined;
  /** How much of the text is as it was in the earlier version. */
  #same: { readonly start: number; readonly end: number } | undefined;
  #index: FileIndex | undefined;
  #tokens: Tokens | undefined;
  #named: Named | undefined;
  #typed: Typed | undefined;
  #allTypes: TypesByPlace | undefined;

  /** `earlier`: the version of the document before, if there is one. */
  constructor(source: SourceFile, surroundings: Surroundings, indexer: Indexer, earlier?: Analysis) {
    // Only one that knows types is of use, and only the last of them is kept.
    this.#earlier = earlier === undefined || earlier.#typed !== undefined ? earlier : earlier.#earlier;
    if (this.#earlier !== undefined) this.#earlier.#earlier = undefined;
    this.source = source;
    this.indexer = indexer;
    this.surroundings = surroundings;
    this.lines = new Lines(source.text);
    const problems = new Problems();
    const nothing = { at: { file: source, start: 0, end: source.text.length }, body: [], comments: [] };
    this.tree = parseFile(source, problems) ?? nothing;
    this.#module = { ...surroundings, source, tree: this.tree, problems: problems.all };
  }

  get isBroken(): boolean {
    return this.#module.problems.length > 0;
  }

  get tokens(): Tokens {
    this.#tokens ??= lex(this.source, new Problems());
    return this.#tokens;
  }

  get index(): FileIndex {
    this.#index ??= this.indexer.index(this.#module);
    return this.#index;
  }

  /** The name at an offset; of two that touch, the one that begins there. */
  occurrenceAt(offset: number): Occurrence | undefined {
    const { occurrences } = this.index;
    let low = 0;
    let high = occurrences.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((occurrences[middle]?.at.start ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const found = occurrences[low - 1];
    if (found !== undefined && offset <= found.at.end) return found;
    // On the `$` or the `${` of the next one.
    const next = occurrences[low];
    return next !== undefined && offset >= next.typedAt.start && next.at.start - offset <= 2 ? next : undefined;
  }

  /** In the order of the text. Of a broken text without what may only follow from what is broken. */
  get findings(): readonly Finding[] {
    const named = this.#names();
    const ofNames = this.isBroken ? named.problems.filter(({ code }) => !code.startsWith("unknown-")) : named.problems;
    const ofTypes = this.isBroken || named.problems.length > 0 ? [] : this.#types().problems;
    const unused = this.isBroken ? [] : named.unused;
    return [
      ...[...this.#module.problems, ...ofNames, ...ofTypes].map((problem) => ({ problem, isUnused: false })),
      ...unused.map((problem) => ({ problem, isUnused: true })),
    ];
  }

  /** As it would run; undefined when something is wrong with it. */
  get program(): TypedProgram | undefined {
    return this.findings.every(({ isUnused }) => isUnused) ? this.#types().program : undefined;
  }

  /** Each type that the place has in some instance of the code around it. */
  typesAt(at: Span): readonly Type[] {
    const found = this.#types().places.at(at);
    if (found.length > 0) return found;
    const named = this.#names();
    if (this.#allTypes === undefined) {
      this.#allTypes = new TypesByPlace();
      if (named.program !== undefined) {
        observeAllTypes(named.program, named.definitions, this.indexer.catalog, this.#allTypes.add);
      }
    }
    return this.#allTypes.at(at);
  }

  /**
   * For a long list, which must come at once: as an earlier version of the text had them, if this one was not looked at
   * yet. Of places that nothing reaches none.
   */
  likelyTypesAt(at: Span): readonly Type[] {
    const earlier = this.#earlier;
    if (this.#typed !== undefined || earlier === undefined || earlier.#typed === undefined)
      return this.#types().places.at(at);
    if (at.file !== this.source) return earlier.#typed.places.at(at);
    this.#same ??= commonEnds(earlier.source.text, this.source.text);
    const before = at.end <= this.#same.start;
    const moved = before ? 0 : earlier.source.text.length - this.source.text.length;
    if (!before && at.start < this.source.text.length - this.#same.end) return [];
    return earlier.#typed.places.at({ file: earlier.source, start: at.start + moved, end: at.end + moved });
  }

  #names(): Named {
    if (this.#named === undefined) {
      const problems = new Problems();
      const unused = { definitions: [], problems: new Problems() };
      const program = resolveNames(this.#module, this.indexer.catalog, problems, unused);
      this.#named = {
        program,
        definitions: unused.definitions,
        problems: problems.all,
        unused: unused.problems.all.filter(({ code }) => code.startsWith("unknown-")),
      };
    }
    return this.#named;
  }

  #types(): Typed {
    if (this.#typed === undefined) {
      const problems = new Problems();
      const places = new TypesByPlace();
      const { program } = this.#names();
      const typed = program && inferTypes(program, this.indexer.catalog, problems, places.add);
      this.#typed = { program: typed, problems: problems.all, places };
    }
    return this.#typed;
  }
}

/** How many characters two texts have in common at their beginning, and how many at their end. */
function commonEnds(one: string, other: string): { readonly start: number; readonly end: number } {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one.charCodeAt(start) === other.charCodeAt(start)) start += 1;
  let end = 0;
  while (end < shorter && one.charCodeAt(one.length - 1 - end) === other.charCodeAt(other.length - 1 - end)) {
    end += 1;
  }
  return { start, end };
}

interface Named {
  readonly program: NamedProgram | undefined;
  readonly definitions: readonly NamedDefinition[];
  readonly problems: readonly Problem[];
  /** Names that are unknown in what nothing uses. */
  readonly unused: readonly Problem[];
}

interface Typed {
  readonly program: TypedProgram | undefined;
  readonly problems: readonly Problem[];
  readonly places: TypesByPlace;
}

/** Types by the place that has them; a place in the body of a function has one for each instance of it. */
class TypesByPlace {
  readonly #byFile = new Map<SourceFile, Map<number, { readonly end: number; readonly type: Type }[]>>();

  readonly add: TypeObserver = ({ file, start, end }, type) => {
    let places = this.#byFile.get(file);
    if (places === undefined) {
      places = new Map();
      this.#byFile.set(file, places);
    }
    const here = places.get(start);
    if (here === undefined) places.set(start, [{ end, type }]);
    // Functions that are used a thousand times have few types.
    else if (here.length < 1000) here.push({ end, type });
  };

  at({ file, start, end }: Span): readonly Type[] {
    const types: Type[] = [];
    for (const place of this.#byFile.get(file)?.get(start) ?? []) {
      if (place.end === end && !types.some((type) => sameType(type, place.type))) types.push(place.type);
    }
    return types;
  }
}
