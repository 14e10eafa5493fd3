// SPDX-License-Identifier: Apache-2.0
// A graph as it is drawn: what stands on vertices and edges, and how they differ. Not where they stand.

/** Vertices and edges come out in the order given, so whoever takes them from a map sorts them first. */
export interface Picture {
  readonly name: string;
  readonly vertices: readonly PictureVertex[];
  readonly edges: readonly PictureEdge[];
}

export interface PictureVertex {
  readonly key: string;
  /** Absent: the key. Lines are parted by `\n`. */
  readonly label?: string;
  readonly dashed?: boolean;
  /** Vertices of one group have one colour, where there is any. */
  readonly group?: string;
}

export interface PictureEdge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
  readonly bold?: boolean;
  readonly dashed?: boolean;
}
