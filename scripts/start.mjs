// SPDX-License-Identifier: Apache-2.0
// Starts the program from its sources, with compiled code kept between runs: without it a start takes three times as
// long. Not used by the single file, which carries its own. An environment variable would do the same, but the
// commands that mgmt runs would inherit it.

import { enableCompileCache } from "node:module";

const { XDG_CACHE_HOME: cacheHome, HOME: home } = process.env;
const cache = cacheHome || (home && `${home}/.cache`);
// Of the user, not of the checkout: a run with sudo must not leave files of root beside the sources.
if (cache) enableCompileCache(`${cache}/mgmt/compiled`);

await import("../src/cli/main.ts");
