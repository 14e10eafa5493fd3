// SPDX-License-Identifier: Apache-2.0
// SELinux contexts that `file` gives, on a real disk, as `stat` reads them: the attribute is kept by kernels without SELinux too.

import { test } from "node:test";
import { runInNamespace } from "./namespace.ts";

test("files, directories and links get the context that is wanted", (context) => {
  const script = new URL("resources-file-contexts.test-support.ts", import.meta.url).pathname;
  runInNamespace(context, script, { flags: ["-m"], empty: ["/srv"], programs: ["chcon"] });
});
