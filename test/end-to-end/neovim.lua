-- SPDX-License-Identifier: Apache-2.0
-- What Neovim's own client of the protocol is told about a file by `mgmt lsp`; printed as one line of JSON. Its arguments
-- are the program and the directory of the file.

local program, directory = unpack(vim.split(vim.env.MGMT_EDITOR_ARGUMENTS, "\n"))
local told = {}

local function main()
  vim.cmd("filetype on")
  vim.cmd("syntax on")
  vim.cmd("edit " .. directory .. "/main.mcl")
  told.filetype = vim.bo.filetype
  -- The name of the colour at a line and a column.
  told.colours = {}
  for _, place in ipairs({ { 1, 1 }, { 3, 1 }, { 4, 1 }, { 5, 2 }, { 5, 14 }, { 6, 2 } }) do
    table.insert(told.colours, vim.fn.synIDattr(vim.fn.synID(place[1], place[2], 1), "name"))
  end

  local client = vim.lsp.start_client({ cmd = { program, "lsp" }, name = "mgmt", root_dir = directory })
  local buffer = vim.api.nvim_get_current_buf()
  vim.lsp.buf_attach_client(buffer, client)
  local function marks(count)
    vim.wait(30000, function() return #vim.diagnostic.get(buffer) == count end, 20)
    return vim.tbl_map(function(mark) return { mark.lnum, mark.code, mark.message } end, vim.diagnostic.get(buffer))
  end
  vim.wait(30000, function() return vim.lsp.get_client_by_id(client).initialized end, 20)
  told.marks = marks(1)

  local function at(line, column) return { textDocument = { uri = vim.uri_from_bufnr(buffer) }, position = { line = line, character = column } } end
  local function ask(method, params)
    local answers = vim.lsp.buf_request_sync(buffer, method, params, 30000)
    for _, answer in pairs(answers or {}) do return answer.result end
  end
  told.hover = ask("textDocument/hover", at(5, 16)).contents.value
  local definition = ask("textDocument/definition", at(4, 13))
  told.definition = (vim.tbl_islist(definition) and definition[1] or definition).range.start.line

  -- As a person does it: the text is changed by the answer.
  vim.api.nvim_win_set_cursor(0, { 3, 1 })
  vim.lsp.buf.rename("size")
  vim.wait(30000, function() return vim.fn.getline(3):find("size") ~= nil end, 20)
  told.renamed = { vim.fn.getline(3), vim.fn.getline(5) }
  vim.fn.setline(6, "\tanotherstr =>   fmt.printf(\"%d\",$size),")
  told.marksWhenMended = marks(0)
  if vim.lsp.buf.format then vim.lsp.buf.format({ timeout_ms = 30000 }) else vim.lsp.buf.formatting_sync(nil, 30000) end
  told.formatted = vim.fn.getline(6)
  vim.lsp.get_client_by_id(client).stop(true)
end

local fine, reason = pcall(main)
if not fine then told.failed = tostring(reason) end
io.stdout:write("told " .. vim.fn.json_encode(told) .. "\n")
vim.cmd("qall!")
