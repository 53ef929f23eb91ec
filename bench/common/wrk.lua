-- wrk asks for the paths of a file, in their order, and prints what it found as one line of JSON.
-- Arguments: the file, a path a line; the content coding to ask for.

local paths = {}
local at = 0

function init(args)
  for line in io.lines(args[1]) do paths[#paths + 1] = line end
  wrk.headers["Accept-Encoding"] = args[2]
  for index, path in ipairs(paths) do paths[index] = wrk.format("GET", path) end
end

function request()
  at = at % #paths + 1
  return paths[at]
end

-- `bytes` counts heads too: all that came over the wire.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests": %d, "duration_us": %d, "bytes": %.0f, "errors": %d, "p50_us": %.0f, "p99_us": %.0f}\n',
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
