-- wrk: POST the file BODY with the token TOKEN. With AGENT_HEADERS each request has these too, one a line, and another number where one has %012x.
local file = io.open(os.getenv("BODY"), "rb")
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer " .. os.getenv("TOKEN")
wrk.headers["anthropic-version"] = "2023-06-01"
for name, value in string.gmatch(os.getenv("HEADERS") or "", "([^=;]+)=([^;]+)") do wrk.headers[name] = value end
wrk.body = file:read("*a")

local changing, number = {}, 0
for name, value in string.gmatch(os.getenv("AGENT_HEADERS") or "", "([^\n]-): ([^\n]+)") do
  wrk.headers[name] = value
  if string.find(value, "%012x", 1, true) then changing[name] = value end
end
if next(changing) then
  request = function()
    number = number + 1
    for name, value in pairs(changing) do wrk.headers[name] = string.format(value, number) end
    return wrk.format()
  end
end
