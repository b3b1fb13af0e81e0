// The scripts that keep, read and remove windows.

/// Lua that runs on the server, each run as one atomic step.
enum RedisWindowScripts {
    /// The places of the scripts in ``all``.
    static let record = 0
    static let read = 1
    static let erase = 2
    static let all = [recordText, readText, eraseText]

    /// `KEYS[1]` = the user's window; `ARGV` = capacity, seconds to live (0 = for ever), whether the window is asked
    /// for (1 or 0), then score and member of each event. Answers with the key and the window or its size.
    ///
    /// Event by event, as `SessionState` does it: an id that is held changes nothing; else the event goes in, and the
    /// oldest goes out when there are too many. Order is left to the sorted set, which compares bytes; Lua's `<` asks
    /// the server's locale.
    ///
    /// `before` is the window as one text, in which one search tells whether it holds an event (`\30` stands before
    /// each member, `\31` behind its event id); `now` tells what this run changed: true = came, false = went.
    private static let recordText = """
        local key, call, find, sub = KEYS[1], redis.call, string.find, string.sub
        local capacity, window = tonumber(ARGV[1]), redis.call('ZRANGE', KEYS[1], 0, -1)
        local count, before, now = #window, '\\30' .. table.concat(window, '\\30'), {}
        for i = 4, #ARGV, 2 do
          local member = ARGV[i + 1]
          local event = sub(member, 1, find(member, '\\31', 1, true))
          local held = now[event]
          if held == nil then held = find(before, '\\30' .. event, 1, true) end
          if not held then
            call('ZADD', key, ARGV[i], member)
            now[event] = true
            count = count + 1
            while count > capacity do
              local oldest = call('ZPOPMIN', key)[1]
              now[sub(oldest, 1, find(oldest, '\\31', 1, true))] = false
              count = count - 1
            end
          end
        end
        if #ARGV > 3 and ARGV[2] ~= '0' then call('EXPIRE', key, ARGV[2]) end
        if ARGV[3] == '1' then return {key, call('ZRANGE', key, 0, -1, 'WITHSCORES')} end
        return {key, count}
        """

    /// `KEYS[1]` = the user's window. Answers with the key and the window.
    private static let readText = "return {KEYS[1], redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')}"

    /// `KEYS[1]` = the user's window. Answers with the key and how many windows were removed.
    private static let eraseText = "return {KEYS[1], redis.call('DEL', KEYS[1])}"
}
