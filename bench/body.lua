-- wrk: POST the file BODY with the token TOKEN, and tell statuses other than 2xx apart.
local file = io.open(os.getenv("BODY"), "rb")
wrk.method = "POST"
wrk.headers["content-type"] = "application/json"
wrk.headers["authorization"] = "Bearer " .. os.getenv("TOKEN")
wrk.headers["anthropic-version"] = "2023-06-01"
for name, value in string.gmatch(os.getenv("HEADERS") or "", "([^=;]+)=([^;]+)") do wrk.headers[name] = value end
wrk.body = file:read("*a")
