-- Sends prepared requests in turn, for ever. REQUESTS names a file of records: a line of three numbers, then that many bytes.
--   <bytes before> <bytes after> <version>
-- A record with nothing after is sent as it is. Between before and after of the others stands the version, ten characters wide, and
-- the next time round the next one: no two requests on the way have the same item, as long as there are more items than connections.
local before, after, version, place, count, tried = {}, {}, {}, 0, 0, false

function init(args)
  local file = assert(io.open(os.getenv("REQUESTS"), "rb"))
  while true do
    local line = file:read("*l")
    if line == nil then break end
    local first, second, number = line:match("^(%d+) (%d+) (%d+)$")
    count = count + 1
    before[count] = file:read(tonumber(first))
    after[count] = tonumber(second) > 0 and file:read(tonumber(second)) or false
    version[count] = tonumber(number)
  end
  file:close()
end

local function whole(number)
  local rest = after[number]
  if not rest then return before[number] end
  return before[number] .. string.format("%10d", version[number]) .. rest
end

function request()
  if not tried then -- wrk asks for one more than it sends, to see whether it is a request
    tried = true
    return whole(1)
  end
  place = place % count + 1
  local made = whole(place)
  version[place] = version[place] + 1
  return made
end
