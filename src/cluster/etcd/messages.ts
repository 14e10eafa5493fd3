// SPDX-License-Identifier: Apache-2.0
// The messages of etcd's API, version 3, that we send and read, and the calls they belong to; the fields that we use, with
// the numbers that they have in etcd's own definitions. The same from etcd 3.4 on.

import {
  bytes,
  type ContentOf,
  flag,
  id,
  many,
  manyWhole,
  type Message,
  message,
  number,
  one,
  text,
  texts,
  whole,
} from "./wire.ts";

/** A question with one answer, or a stream of both. */
export interface Method<Request, Response> {
  readonly path: string;
  readonly request: Message<Request>;
  readonly response: Message<Response>;
}

const nothing = message({});

// ---- Keys and values ----

const header = message({ clusterId: id(1), memberId: id(2), revision: number(3), term: number(4) });
export type Header = ContentOf<typeof header>;

const keyValue = message({
  key: bytes(1),
  created: number(2),
  changed: number(3),
  version: number(4),
  value: bytes(5),
  lease: id(6),
});
export type KeyValue = ContentOf<typeof keyValue>;

const rangeRequest = message({
  key: bytes(1),
  end: bytes(2),
  limit: number(3),
  revision: number(4),
  order: number(5),
  orderBy: number(6),
  keysOnly: flag(8),
  countOnly: flag(9),
  changedFrom: number(10),
  createdFrom: number(12),
});
export type RangeRequest = ContentOf<typeof rangeRequest>;
/** Values of `order` and `orderBy`. */
export const descending = 2;
export const byChange = 3;

const rangeResponse = message({
  header: whole(1, header),
  entries: manyWhole(2, keyValue),
  isMore: flag(3),
  count: number(4),
});
export type RangeResponse = ContentOf<typeof rangeResponse>;

const putRequest = message({ key: bytes(1), value: bytes(2), lease: id(3) });
const deleteRequest = message({ key: bytes(1), end: bytes(2) });
const operation = message({ range: one(1, rangeRequest), put: one(2, putRequest), delete: one(3, deleteRequest) });

const compare = message({ result: number(1), target: number(2), key: bytes(3), changed: number(6) });
/** A value of `target`: the revision of the last change. A `result` of 0 is "equal". */
export const compareChanged = 2;

export const range: Method<RangeRequest, RangeResponse> = {
  path: "/etcdserverpb.KV/Range",
  request: rangeRequest,
  response: rangeResponse,
};

export const transact = {
  path: "/etcdserverpb.KV/Txn",
  request: message({ compare: many(1, compare), success: many(2, operation) }),
  response: message({
    header: whole(1, header),
    succeeded: flag(2),
    answers: manyWhole(3, message({ range: whole(1, rangeResponse) })),
  }),
};

export const compact = {
  path: "/etcdserverpb.KV/Compact",
  request: message({ revision: number(1), physical: flag(2) }),
  response: message({ header: whole(1, header) }),
};

// ---- Watching ----

const event = message({ type: number(1), entry: whole(2, keyValue) });
export type WatchEvent = ContentOf<typeof event>;
/** A value of `type`; 0 is a put. */
export const deletion = 1;

const watchCreate = message({
  key: bytes(1),
  end: bytes(2),
  from: number(3),
  progress: flag(4),
  fragment: flag(8),
});

export const watch = {
  path: "/etcdserverpb.Watch/Watch",
  request: message({ create: one(1, watchCreate) }),
  response: message({
    header: whole(1, header),
    isCreated: flag(3),
    isCancelled: flag(4),
    compacted: number(5),
    reason: text(6),
    /** More of the same follows. */
    isFragment: flag(7),
    events: manyWhole(11, event),
  }),
};
export type WatchResponse = ContentOf<(typeof watch)["response"]>;

// ---- Leases ----

const leaseAnswer = message({ header: whole(1, header), id: id(2), seconds: number(3), error: text(4) });

export const grant = {
  path: "/etcdserverpb.Lease/LeaseGrant",
  request: message({ seconds: number(1), id: id(2) }),
  response: leaseAnswer,
};

export const revoke = {
  path: "/etcdserverpb.Lease/LeaseRevoke",
  request: message({ id: id(1) }),
  response: message({ header: whole(1, header) }),
};

/** A stream. */
export const keepAlive = {
  path: "/etcdserverpb.Lease/LeaseKeepAlive",
  request: message({ id: id(1) }),
  response: leaseAnswer,
};

// ---- Members ----

const member = message({ id: id(1), name: text(2), peerUrls: texts(3), clientUrls: texts(4), isLearner: flag(5) });
export type MemberMessage = ContentOf<typeof member>;
const members = message({ header: whole(1, header), members: manyWhole(2, member) });

export const memberList = {
  path: "/etcdserverpb.Cluster/MemberList",
  request: message({ isLinearizable: flag(1) }),
  response: members,
};

export const memberAdd = {
  path: "/etcdserverpb.Cluster/MemberAdd",
  request: message({ peerUrls: texts(1), isLearner: flag(2) }),
  response: message({ header: whole(1, header), member: whole(2, member), members: manyWhole(3, member) }),
};

export const memberRemove = {
  path: "/etcdserverpb.Cluster/MemberRemove",
  request: message({ id: id(1) }),
  response: members,
};

export const memberUpdate = {
  path: "/etcdserverpb.Cluster/MemberUpdate",
  request: message({ id: id(1), peerUrls: texts(2) }),
  response: members,
};

export const memberPromote = {
  path: "/etcdserverpb.Cluster/MemberPromote",
  request: message({ id: id(1) }),
  response: members,
};

export const status = {
  path: "/etcdserverpb.Maintenance/Status",
  request: nothing,
  response: message({
    header: whole(1, header),
    version: text(2),
    bytes: number(3),
    leader: id(4),
    index: number(5),
    term: number(6),
    appliedIndex: number(7),
    errors: texts(8),
    bytesInUse: number(9),
    isLearner: flag(10),
  }),
};

export const moveLeader = {
  path: "/etcdserverpb.Maintenance/MoveLeader",
  request: message({ to: id(1) }),
  response: message({ header: whole(1, header) }),
};
