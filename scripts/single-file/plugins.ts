// SPDX-License-Identifier: Apache-2.0
// What of the program's parts the single file does without at its start, for the bundler.

import { createRequire } from "node:module";
import type { Plugin } from "esbuild";

const require = createRequire(import.meta.url);

/** What takes milliseconds to load is loaded when the first thing in it is used. */
export const late: Plugin = {
  name: "late",
  setup(building) {
    const filter =
      /^(?:node:(?:child_process|crypto|dgram|http|net|sqlite|stream(?:\/.*)?|timers\/promises|tty|zlib)|re2js|yaml)$/;
    building.onResolve({ filter }, ({ path, namespace }) =>
      namespace === "late" ? undefined : { path, namespace: "late" },
    );
    building.onLoad({ filter, namespace: "late" }, ({ path }) => ({
      contents: gettersOf(
        path,
        path.startsWith("node:") ? `process.getBuiltinModule("${path}")` : `require("${path}")`,
      ),
      resolveDir: process.cwd(),
    }));
  },
};

/** Two fifths of the text, which most commands never need: it lies beside what is in memory at the start. */
const apart = [
  "@grpc/grpc-js",
  "@xmldom/xmldom",
  "dbus-native",
  "prom-client",
  "ssh2",
  "vscode-languageserver-textdocument",
  "vscode-languageserver/node",
];

export const packagesText = `module.exports = {
${apart.map((path) => `get "${path}"() { return require("${path}"); }`).join(",\n")}
};
`;

/** In the program itself they stand for what is in the packages' text. */
export const packages: Plugin = {
  name: "packages",
  setup(building) {
    building.onResolve({ filter: /^[^.]/ }, ({ path }) =>
      apart.includes(path) ? { path, namespace: "apart" } : undefined,
    );
    building.onLoad({ filter: /.*/, namespace: "apart" }, ({ path }) => ({
      contents: `const { packages } = require("./scripts/single-file/packages.ts");
${gettersOf(path, `packages()["${path}"]`)}`,
      resolveDir: process.cwd(),
    }));
  },
};

/** Compiled parts that a package can do without (ssh2): they are not there, as where they were never compiled. */
export const withoutCompiledParts: Plugin = {
  name: "without compiled parts",
  setup(building) {
    building.onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, namespace: "absent" }));
    building.onLoad({ filter: /.*/, namespace: "absent" }, () => ({ contents: 'throw new Error("it is not here");' }));
  },
};

/** A module whose every export is taken from `whole`, an expression, when it is used. */
function gettersOf(path: string, whole: string): string {
  const names = Object.keys(require(path) as object).filter((name) => /^\w+$/.test(name));
  return `module.exports = { ${names.map((name) => `get ${name}() { return ${whole}.${name}; }`).join(", ")} };\n`;
}
