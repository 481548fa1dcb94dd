-- Requests for wrk: histories of three items of either bundle, so that whichever serves knows some of them. Every answer is read:
-- its status must be 200 and all of its items of one bundle, that is of one seed.
local threads = {}
local items = tonumber(os.getenv("LOAD_ITEMS"))

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

function init()
  math.randomseed(number)
  answered, failed, torn, first_fault = 0, 0, 0, ""
end

function request()
  local history = {}
  for i = 1, 3 do
    local item = math.random(0, items - 1)
    table.insert(history, "1-" .. item)
    table.insert(history, "2-" .. item)
  end
  return wrk.format("GET", "/recommend?count=10&history=" .. table.concat(history, ","))
end

function response(status, headers, body)
  answered = answered + 1
  if status ~= 200 then
    failed = failed + 1
    if first_fault == "" then first_fault = status .. " " .. body end
    return
  end
  local seed, count = nil, 0
  for found in body:gmatch('"id":"(%d)%-') do
    if seed ~= nil and seed ~= found then count = -1000 end
    seed, count = found, count + 1
  end
  if count ~= 10 then
    torn = torn + 1
    if first_fault == "" then first_fault = body end
  end
end

function done(summary, latency)
  local answers, failures, tears, fault = 0, 0, 0, ""
  for _, thread in ipairs(threads) do
    answers = answers + thread:get("answered")
    failures = failures + thread:get("failed")
    tears = tears + thread:get("torn")
    if fault == "" then fault = thread:get("first_fault") end
  end
  local socket = summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format(
    "load,%d,%d,%d,%d,%.1f,%d,%d,%d,%d,%d\n", answers, failures, tears, socket, summary.requests / (summary.duration / 1e6),
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency:percentile(99.9), latency.max))
  if fault ~= "" then io.write("first fault: " .. fault .. "\n") end
end
