// SPDX-License-Identifier: Apache-2.0
// Random programs that follow every rule of the grammar, laid out as wildly as the rules allow. For property tests.

import fc, { type Arbitrary } from "fast-check";

type Text = Arbitrary<string>;

/** Texts one behind the other. */
function join(...parts: readonly (string | Text)[]): Text {
  return fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((all) => all.join(""));
}

function either(...texts: readonly Text[]): Text {
  return fc.oneof({ depthSize: "small" }, ...texts);
}

const space = fc.constantFrom("", "", " ", "\t", "  ");
const gap = fc.constantFrom(" ", " ", "\t", "  ");
const comment = fc.constantFrom("#", "# comment", "#no space", '# "quoted" {', "#\ttab ");
const blank = fc.constantFrom("\n", "\n", "\n\n", "\n\n\n", "\n \t\n");
/** The end of a line, perhaps with comments and blank lines. */
const lineEnd = either(
  fc.constant("\n"),
  fc.constant("\n"),
  blank,
  join(space, comment, "\n"),
  join(blank, space, comment, blank),
  join(space, comment, blank, comment, "\n"),
);
const lineEnds = either(fc.constant(""), lineEnd, join(lineEnd, lineEnd));

const plainName = fc.constantFrom("a", "b", "xyz", "some_name", "a__b", "n1", "iffy");
const freeName = either(plainName, plainName, fc.constantFrom("map", "collect"));
const capital = fc.constantFrom("A", "Test", "Some_kind2");
const dotted = either(
  freeName,
  freeName,
  join(freeName, space, ".", space, freeName),
  join(freeName, ".", freeName, ".", freeName),
);
const colonName = either(plainName, join(plainName, ":", plainName), join(plainName, space, ":", space, plainName));
const variable = join("$", space, freeName);
const dottedVariable = join("$", space, dotted);

/** A bracketed list, on one line or with one element a line. */
function elements(open: string, close: string, element: Text): Text {
  const list = fc.array(element, { maxLength: 3 });
  const oneLine = fc.tuple(list, space).map(([all, spaces]) => all.join(`${spaces},${spaces}`));
  const line = join(element, space, ",", lineEnd);
  const many = join(
    lineEnd,
    fc.array(either(line, line, lineEnd), { maxLength: 3 }).map((all) => all.join("")),
  );
  return join(open, space, either(oneLine, oneLine, many), space, close);
}

const parts = fc.letrec<Record<"expression" | "value" | "type" | "statement" | "lambda" | "block" | "call", string>>(
  (tie) => {
    const expression = tie("expression");
    const value = tie("value");
    const type = tie("type");
    const operand = either(value, join("not", gap, value));
    const annotation = either(fc.constant(""), join(gap, type));
    const args = elements("(", ")", expression);
    const parameters = elements("(", ")", join(variable, annotation));
    const braced = join("{", lineEnds, space, expression, lineEnds, space, "}");
    const functionRest = join(parameters, annotation, space, braced);
    const literal = either(
      fc.constantFrom("true", "false", "0", "007", "-0", "-9223372036854775808", "9223372036854775807", "12"),
      fc.constantFrom("1.5", "-0.0", "00.10", "100000000000000000000000.0", "0.00000001", "-2.00", "0.1"),
      fc.constantFrom('""', '"text"', '"two\nlines"', '"\\"${x}\\n # no comment"', '"日本"'),
    );
    const operator = either(
      fc.constantFrom(" or ", " and ", "+", " - ", "*", "/", " <|> ", "<|>"),
      fc.constantFrom(" < ", "==", " != ", " >= ", " in "),
    );
    const conditional = either(fc.constant(""), fc.constant(""), join(expression, space, "?:", space));
    const edgeHalf = join(either(capital, join(capital, space, ":", capital)), space, "[", expression, "]");
    const item = join(
      either(
        join(plainName, space, "=>", space, conditional, expression),
        join(capital, space, "=>", space, conditional, edgeHalf),
        join("Meta", space, ":", space, plainName, space, "=>", space, conditional, expression),
        join("Meta", space, "=>", space, conditional, expression),
      ),
      space,
      ",",
    );
    const items = fc.array(either(item, lineEnd, join(item, lineEnd)), { maxLength: 4 }).map((all) => all.join(""));
    const resource = join(colonName, gap, expression, space, "{", space, items, space, "}");
    const chain = fc.array(edgeHalf, { minLength: 1, maxLength: 3 }).map((halves) => halves.join(" -> "));
    const loop = join(gap, variable, space, ",", space, variable, gap, "in", gap, expression, space, tie("block"));

    return {
      // Comparisons cannot be chained, so operands of one stand in parentheses.
      expression: either(
        operand,
        operand,
        join(value, operator, "(", expression, ")"),
        join("(", expression, ")", operator, value),
      ),
      value: either(
        literal,
        dottedVariable,
        literal,
        dottedVariable,
        elements("[", "]", expression),
        elements("{", "}", join(expression, space, "=>", space, expression)),
        join("struct", space, elements("{", "}", join(plainName, space, "=>", space, expression))),
        tie("call"),
        tie("lambda"),
        join("if", gap, expression, space, braced, space, "else", space, braced),
        join("(", space, expression, space, ")"),
        join(dottedVariable, space, "[", expression, "]"),
        join(dottedVariable, space, "->", space, plainName),
        join("(", dottedVariable, "->", plainName, space, "<|>", space, expression, ")"),
      ),
      call: either(join(dotted, space, args), join(dottedVariable, space, args), join(tie("lambda"), args)),
      lambda: join("func", space, functionRest),
      type: either(
        fc.constantFrom("bool", "str", "int", "float", "variant"),
        join("[", space, "]", space, type),
        join("map", space, "{", space, fc.constantFrom("bool", "str", "int"), space, ":", space, type, space, "}"),
        fc
          .array(type, { maxLength: 3 })
          .map((all) => `struct{${all.map((one, index) => `f${index}  ${one}`).join(" ;")}}`),
        join("func", elements("(", ")", type), gap, type),
      ),
      block: join(
        "{",
        lineEnds,
        fc.array(join(tie("statement"), lineEnd), { maxLength: 3 }).map((all) => all.join("")),
        space,
        "}",
      ),
      statement: either(
        join(variable, space, "=", space, expression),
        // A call, whatever its type: a literal would have to agree with the type.
        join(variable, gap, type, space, "=", space, tie("call")),
        resource,
        resource,
        join("collect", gap, resource),
        join("panic", space, args),
        chain,
        join(edgeHalf, ".", plainName, " -> ", edgeHalf, ".", plainName),
        join(
          "if",
          gap,
          expression,
          space,
          tie("block"),
          either(fc.constant(""), join(space, "else", space, tie("block"))),
        ),
        join("for", loop),
        join("forkv", loop),
        join("func", gap, plainName, space, functionRest),
        join("class", gap, colonName, either(fc.constant(""), parameters), space, tie("block")),
        join(
          "include",
          gap,
          dotted,
          either(fc.constant(""), args),
          either(fc.constant(""), join(gap, "as", gap, plainName)),
        ),
        join(
          "import",
          space,
          fc.constantFrom('"fmt"', '"a/b\\n"', '"x/"'),
          either(fc.constant(""), join(gap, "as", gap, plainName), fc.constant(" as *")),
        ),
      ),
    };
  },
);

/** A whole file. */
export const programs: Text = join(
  lineEnds,
  fc.array(join(space, parts.statement, lineEnd), { maxLength: 6 }).map((all) => all.join("")),
  either(fc.constant(""), comment),
);
