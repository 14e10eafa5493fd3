// SPDX-License-Identifier: Apache-2.0
// The tables of the file of the journal.

import type { DatabaseForm } from "../database/database.ts";

export const journalForm: DatabaseForm = {
  what: "a journal of mgmt",
  applicationId: 0x6d676d74, // `mgmt`
  version: 1,
  schema: `
    CREATE TABLE entry (
      id INTEGER PRIMARY KEY,
      time_ms INTEGER NOT NULL,
      type TEXT NOT NULL,
      resource TEXT,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX entry_of_resource ON entry (resource, id) WHERE resource IS NOT NULL;
    CREATE INDEX entry_of_run ON entry (type, id) WHERE resource IS NULL;
    CREATE TABLE resource (
      resource TEXT PRIMARY KEY,
      state TEXT NOT NULL,
      time_ms INTEGER NOT NULL,
      body TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
  `,
};
