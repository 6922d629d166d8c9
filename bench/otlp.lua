-- wrk: POST the export in the file BODY with the token TOKEN for the table TABLE, each with a mark of its own, so that none is a repetition.
local file = io.open(os.getenv("BODY"), "rb")
local body = file:read("*a")
local marks = {}
local from = 1
while true do
  local found = body:find("mark-0000000000", from, true)
  if not found then break end
  table.insert(marks, body:sub(from, found - 1))
  from = found + 15
end
local rest = body:sub(from)
local count = tonumber(os.getenv("FIRST"))

wrk.method = "POST"
wrk.headers["content-type"] = "application/x-protobuf"
wrk.headers["authorization"] = "Bearer " .. os.getenv("TOKEN")
wrk.headers["x-databricks-uc-table-name"] = os.getenv("TABLE")

function request()
  count = count + 1
  local mark = string.format("mark-%010d", count)
  return wrk.format(nil, nil, nil, table.concat(marks, mark) .. mark .. rest)
end
