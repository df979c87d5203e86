"""Requests of the last minute, counted in Valkey: several counters in one round trip."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from webapp import events
from webapp.selectors.requests import Allowed

_SECONDS = 60
# A sliding window of two counters: of the minute before, the share that the window still covers.
# Nothing is counted where one of them is full: who is refused takes nothing from others.
_HIT = """
local now = tonumber(redis.call('TIME')[1])
local minute, left = math.floor(now / 60), 60 - now % 60
local told, is_allowed = {left}, 1
for place, key in ipairs(KEYS) do
  local kept = redis.call('HMGET', key, 'minute', 'count', 'before')
  local at, count, before = tonumber(kept[1]) or 0, tonumber(kept[2]) or 0, tonumber(kept[3]) or 0
  if at < minute then
    before = at == minute - 1 and count or 0
    count = 0
  end
  if count + math.floor(before * left / 60) >= tonumber(ARGV[place]) then is_allowed = 0 end
  told[2 * place], told[2 * place + 1] = count, before
end
if is_allowed == 1 then
  for place, key in ipairs(KEYS) do
    local count = told[2 * place] + 1
    redis.call('HSET', key, 'minute', minute, 'count', count, 'before', told[2 * place + 1])
    redis.call('EXPIRE', key, 120)
    told[2 * place] = count
  end
end
table.insert(told, is_allowed)
return told
"""


@dataclass(frozen=True)
class Counted:
    """How many of the allowed requests were sent in the last minute."""

    allowed: Allowed
    count: int
    before: int
    seconds_left: int
    is_refused: bool

    @property
    def remaining(self) -> int:
        used = self.count + self.before * self.seconds_left // _SECONDS
        return max(0, self.allowed.most - used)

    @property
    def wait_seconds(self) -> int:
        """When there is room again; where there is some, when all of this minute's is."""
        if self.remaining or not self.is_refused:
            return self.seconds_left
        room = self.allowed.most - self.count
        if room <= 0:  # it weighs in full for one second of the next minute
            return self.seconds_left + 1
        return self.seconds_left - math.ceil(_SECONDS * room / self.before) + 1


def hit(limits: Sequence[Allowed]) -> list[Counted]:
    """Count one request under all limits, or under none where one of them is used up.

    Raises:
        RedisError: Valkey is away.
    """
    keys = [f"requests:{limit.scope}:{limit.owner_id}" for limit in limits]
    most = [limit.most for limit in limits]
    answer = cast("Any", events.client().eval(_HIT, len(keys), *keys, *most))
    left, *counts, is_allowed = answer
    return [
        Counted(limit, counts[2 * place], counts[2 * place + 1], left, not is_allowed)
        for place, limit in enumerate(limits)
    ]
