// SPDX-License-Identifier: Apache-2.0
// `mgmt lsp` as an editor uses it: from the first message to the last.

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { EditorSession } from "./editor-session.ts";
import { testPrograms, type World } from "./program.ts";

function testSession(title: string, body: (session: EditorSession, world: World) => Promise<void>): void {
  testPrograms(title, async (world) => {
    const session = new EditorSession(world.program.path, world.directory);
    try {
      await body(session, world);
    } finally {
      session.kill();
    }
  });
}

const uriOf = (path: string) => pathToFileURL(path).href;

testSession("an editor opens, edits, asks, renames, formats and leaves", async (session, world) => {
  const result = await session.initialize(world.directory, {
    initializationOptions: { problemPages: "https://example.com/problems/" },
  });
  assert.match(JSON.stringify(result), /"name":"mgmt"/);
  const uri = uriOf(world.path("main.mcl"));
  const textDocument = { uri };
  const at = (line: number, character: number) => ({ textDocument, position: { line, character } });
  session.open(uri, '$port = 80\nprint "a" {\n\tmsg => "on ${port}",\n}\n');
  const [wrong] = await session.marks(uri, 1);
  assert.equal(wrong?.code, "type-mismatch");
  assert.equal(wrong.codeDescription?.href, "https://example.com/problems/type-mismatch.md");

  session.edit(uri, 2, 0, 8, 2, '"80"');
  assert.deepEqual(await session.marks(uri, 2), []);

  assert.match(JSON.stringify(await session.ask("textDocument/hover", at(2, 14))), /\$port str/);
  assert.deepEqual(await session.ask("textDocument/definition", at(2, 14)), {
    uri,
    range: { start: { line: 0, character: 1 }, end: { line: 0, character: 5 } },
  });
  const references = await session.ask("textDocument/references", {
    ...at(0, 2),
    context: { includeDeclaration: true },
  });
  assert.equal(Array.isArray(references) && references.length, 2);
  assert.match(JSON.stringify(await session.ask("textDocument/documentSymbol", { textDocument })), /print\[\\"a\\"\]/);

  const renamed = await session.ask("textDocument/rename", { ...at(0, 2), newName: "number" });
  assert.equal(JSON.stringify(renamed).match(/"newText":"number"/g)?.length, 2);
  const refused = await session.answer("textDocument/rename", { ...at(0, 2), newName: "if" });
  assert.match(JSON.stringify(refused["error"]), /word of the language/);

  session.edit(uri, 3, 3, 1, 0, '\nfile "/tmp/a" {\n\tmo\n}');
  const fields = JSON.stringify(await session.ask("textDocument/completion", at(5, 3)));
  assert.match(fields, /"newText":"mode => \\"\$1\\",\$0"/);
  assert.equal((await session.marks(uri, 3)).length, 1);

  session.edit(uri, 4, 5, 1, 2, 'mode   => "0644",');
  const formatted = JSON.stringify(await session.ask("textDocument/formatting", { textDocument, options: {} }));
  assert.match(formatted, /mode => \\"0644\\"/);

  session.edit(uri, 5, 0, 0, 0, 'import "fmt"\n$text = fmt.printf("%d", \n');
  assert.match(JSON.stringify(await session.ask("textDocument/signatureHelp", at(1, 25))), /"activeParameter":1/);
  session.tell("textDocument/didClose", { textDocument });
  assert.equal(await session.ask("shutdown", null), null);
  session.tell("exit", null);
  assert.equal(await session.ended, 0);
});

testSession("an editor marks a value that no run accepts", async (session, world) => {
  const uri = uriOf(world.path("main.mcl"));
  await session.initialize(world.directory);
  session.open(uri, '$wanted = "run" + "ing"\nsvc "sshd" {\n\tstate => $wanted,\n}\n');
  const [wrong, ...others] = await session.marks(uri, 1);
  assert.deepEqual([wrong?.code, wrong?.range.start, others], ["resource-field-wrong", { line: 2, character: 10 }, []]);
  session.edit(uri, 2, 0, 19, 0, "n");
  assert.deepEqual(await session.marks(uri, 2), []);
});

testSession("an editor follows names into other files, open ones as they are there", async (session, world) => {
  const library = uriOf(world.write("library.mcl", "$port = 80\n"));
  const main = uriOf(world.path("main.mcl"));
  await session.initialize(world.directory);
  session.open(main, 'import "library.mcl"\ntest "a" {\n\tint64 => $library.port,\n}\n');
  assert.deepEqual(await session.marks(main, 1), []);
  const position = { textDocument: { uri: main }, position: { line: 2, character: 20 } };
  assert.match(JSON.stringify(await session.ask("textDocument/definition", position)), /library\.mcl/);

  session.open(library, "$port = 80\n");
  session.edit(library, 2, 0, 8, 2, '"eighty"');
  session.edit(main, 2, 4, 0, 0, "\n");
  assert.equal((await session.marks(main, 2))[0]?.code, "type-mismatch");

  const renamed = await session.ask("textDocument/rename", { ...position, newName: "number" });
  assert.deepEqual(Object.keys((renamed as { readonly changes: object }).changes).toSorted(), [library, main]);
});

testSession("a file that nobody opened is renamed in too", async (session, world) => {
  const library = uriOf(world.path("library.mcl"));
  const user = uriOf(world.write("user.mcl", 'import "library.mcl" as l\n$a = $l.port\n'));
  await session.initialize(world.directory);
  session.open(library, "$port = 80\n");
  world.write("library.mcl", "$port = 80\n");
  const position = { textDocument: { uri: library }, position: { line: 0, character: 2 } };
  const renamed = await session.ask("textDocument/rename", { ...position, newName: "number" });
  assert.deepEqual(Object.keys((renamed as { readonly changes: object }).changes).toSorted(), [library, user]);
});

testSession("a question about a large text is answered while it is edited", async (session, world) => {
  const uri = uriOf(world.path("large.mcl"));
  await session.initialize(world.directory);
  const part = (n: number) =>
    `$v${n} = "x" + ${n === 0 ? '"y"' : `$v${n - 1}`}\nfile "/tmp/f${n}" {\n\tcontent => $v${n},\n}\n`;
  const opened = performance.now();
  session.open(uri, Array.from({ length: 1250 }, (_, n) => part(n)).join(""));
  const hover = { textDocument: { uri }, position: { line: 4, character: 2 } };
  await session.ask("textDocument/hover", hover);
  const first = performance.now() - opened;
  const times: number[] = [];
  for (let version = 2; version < 12; version += 1) {
    session.edit(uri, version, 0, 0, 0, "\n");
    const asked = performance.now();
    await session.ask("textDocument/definition", { ...hover, position: { line: 3 + version, character: 2 } });
    times.push(performance.now() - asked);
  }
  const median = times.toSorted((a, b) => a - b)[5] ?? 0;
  // Far below, and both grow alike on a machine that is busy with other tests.
  assert.ok(median < first, `${median} ms, ${first} ms at first`);
});

testSession("the server ends when its editor is gone", async (session) => {
  session.closeInput();
  assert.equal(await session.ended, 1);
});
