-- What wrk sends: bodies from a file, one after another, as fast as answers come or at a given rate.
--
--   wrk ... -s load.lua URL -- BODIES CONTENT_TYPE RATE FIRST
--
-- BODIES holds bodies, each after its length in 4 bytes (big-endian). In each, the six bytes 0xA5 x 6 are replaced by a
-- number that no other request has (from FIRST on), so that ids never repeat. RATE is requests a second over all
-- connections, 0 for no limit: a connection waits for the next free slot. Prints one line of JSON at the end.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
]]

local now = ffi.new("moment")
local function milliseconds()
  ffi.C.clock_gettime(1, now)
  return tonumber(now.seconds) * 1000 + tonumber(now.nanoseconds) / 1e6
end

local placeholder = string.rep("\165", 6)
local bodies, kind, rate, number, slot = {}, nil, 0, 0, 0
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  while true do
    local head = file:read(4)
    if not head then break end
    local a, b, c, d = head:byte(1, 4)
    table.insert(bodies, file:read(((a * 256 + b) * 256 + c) * 256 + d))
  end
  file:close()
  kind, rate, number = arguments[2], tonumber(arguments[3]), tonumber(arguments[4])
  slot = milliseconds()
  statuses = ""
  counts = {}
end

function delay()
  if rate == 0 then return 0 end
  slot = math.max(slot + 1000 / rate, milliseconds())
  return math.floor(slot - milliseconds())
end

function request()
  local body = bodies[number % #bodies + 1]
  local digits = string.format("%06d", number % 1000000)
  number = number + 1
  return wrk.format("POST", nil, { ["Content-Type"] = kind }, (body:gsub(placeholder, digits)))
end

function response(status, headers, body)
  counts[status] = (counts[status] or 0) + 1
  statuses = ""
  for code, count in pairs(counts) do
    statuses = statuses .. code .. ":" .. count .. " "
  end
end

function done(summary, latency, requests)
  local told = {}
  for _, thread in ipairs(threads) do
    for code, count in thread:get("statuses"):gmatch("(%d+):(%d+)") do
      told[code] = (told[code] or 0) + tonumber(count)
    end
  end
  local parts = {}
  for code, count in pairs(told) do
    table.insert(parts, string.format('"%s": %d', code, count))
  end
  local errors = summary.errors
  io.write(string.format(
    '\n{"seconds": %.6f, "requests": %d, "statuses": {%s}, "p50": %.3f, "p95": %.3f, "p99": %.3f, "slowest": %.3f, "failed": %d}\n',
    summary.duration / 1e6, summary.requests, table.concat(parts, ", "), latency:percentile(50) / 1000,
    latency:percentile(95) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.connect + errors.read + errors.write + errors.timeout))
end
