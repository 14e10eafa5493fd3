// SPDX-License-Identifier: Apache-2.0
// Starts `mgmt lsp` for VS Code and connects the two. Knows nothing of the language.

const { existsSync } = require("node:fs");
const { join } = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** @type {import("vscode-languageclient/node").LanguageClient | undefined} */
let client;

/** @param {import("vscode").ExtensionContext} context */
async function activate(context) {
  context.subscriptions.push(
    vscode.commands.registerCommand("mgmt.restart", start),
    vscode.workspace.onDidChangeConfiguration((event) => (event.affectsConfiguration("mgmt") ? start() : undefined)),
  );
  await start();
}

async function start() {
  await deactivate();
  const settings = vscode.workspace.getConfiguration("mgmt");
  const command = settings.get("path") || "mgmt";
  const modulePath = settings.get("modulePath");
  // In a checkout of mgmt the reference lies two folders up.
  const pages = join(__dirname, "../../docs/reference/problems");
  const initializationOptions = existsSync(pages) ? { problemPages: vscode.Uri.file(pages).toString() } : {};
  client = new LanguageClient(
    "mgmt",
    "mgmt",
    { command, args: modulePath ? ["lsp", "--module-path", modulePath] : ["lsp"] },
    {
      documentSelector: [{ language: "mcl" }],
      initializationOptions,
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.mcl,metadata.yaml}") },
    },
  );
  try {
    await client.start();
  } catch (reason) {
    const choice = await vscode.window.showErrorMessage(
      `mgmt cannot be started as \`${command} lsp\`: ${reason instanceof Error ? reason.message : reason}`,
      "Open Settings",
    );
    if (choice !== undefined) await vscode.commands.executeCommand("workbench.action.openSettings", "mgmt.path");
  }
}

async function deactivate() {
  const running = client;
  client = undefined;
  if (running?.isRunning()) await running.stop();
}

module.exports = { activate, deactivate };
