// SPDX-License-Identifier: Apache-2.0
// The page of a `http:server:ui`: fields that follow their values live, and send what a person enters. Needs nothing from
// elsewhere; what it asks for is relative to where it is.

const style = `body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 40rem; padding: 0 1rem; color-scheme: light dark; }
label { display: grid; grid-template-columns: 12rem 1fr 4rem; gap: 1rem; align-items: center; margin: 0.75rem 0; }
input { font: inherit; width: 100%; box-sizing: border-box; padding: 0.25rem; }
output { text-align: right; font-variant-numeric: tabular-nums; }
#state { min-height: 1.5rem; color: #b00020; }`;

const script = `"use strict";
const state = document.getElementById("state");
const form = document.getElementById("form");

async function ask(path, options) {
  const answer = await fetch(path, { cache: "no-store", ...options });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).error ?? answer.statusText);
  return answer.json();
}

function field({ id, type }) {
  const label = document.createElement("label");
  const name = document.createElement("span");
  const input = document.createElement("input");
  const output = document.createElement("output");
  const [, kind = "text", query = ""] = /^([a-z]+):\\/\\/\\/?\\??(.*)$/.exec(type) ?? [];
  name.textContent = id;
  input.name = id;
  input.type = kind === "range" ? "range" : "text";
  for (const [key, value] of new URLSearchParams(query)) if (["min", "max", "step"].includes(key)) input.setAttribute(key, value);
  label.append(name, input, output);
  form.append(label);
  return { input, show: (value) => { input.value = value; if (kind === "range") output.textContent = value; }, isLive: kind === "range" };
}

async function follow(element) {
  const { input, show, isLive } = field(element);
  const id = encodeURIComponent(element.id);
  let known = (await ask("list/" + id)).value;
  show(known);
  // One request at a time: while a slider moves, the last of its values is what counts.
  let sending = false, wanted;
  const send = async () => {
    wanted = input.value;
    if (sending) return;
    sending = true;
    try {
      while (wanted !== undefined) {
        const value = wanted;
        wanted = undefined;
        known = value;
        await ask("save/", { method: "POST", body: new URLSearchParams({ id: element.id, value }) });
        state.textContent = "";
      }
    } catch (reason) {
      state.textContent = reason.message;
    } finally {
      sending = false;
    }
  };
  input.addEventListener(isLive ? "input" : "change", () => { show(input.value); send(); });
  for (;;) {
    try {
      const { value } = await ask("watch/" + id + "?value=" + encodeURIComponent(known));
      state.textContent = "";
      if (value === known || sending) continue;
      known = value;
      if (document.activeElement !== input || isLive) show(value);
    } catch {
      state.textContent = "The server does not answer; trying again.";
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

form.addEventListener("submit", (event) => event.preventDefault());
ask("list/").then((elements) => elements.forEach(follow), (reason) => { state.textContent = reason.message; });`;

/** `head` is HTML of the program's author, as it is. */
export function renderPage(title: string, head: string): string {
  const name = escaped(title === "" ? "mgmt" : title);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}</title>
<link rel="icon" href="data:,">
<style>
${style}
</style>
${head}
</head>
<body>
<h1>${name}</h1>
<form id="form" autocomplete="off"></form>
<p id="state" role="status"></p>
<script>
${script}
</script>
</body>
</html>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
