from contextlib import closing
from functools import partial
from pathlib import Path

import redis

from tests.servers import running
from webapp.embedded import paths, valkey


def test_kill_loses_nothing_acknowledged(home: Path) -> None:
    with running(
        valkey.program(home), partial(valkey.is_ready, paths.valkey_socket(home))
    ) as server:
        with closing(redis.Redis.from_url(paths.valkey_url(home))) as client:
            for number in range(200):
                client.rpush("written", number)
        server.kill()

        server.ensure()

        with closing(redis.Redis.from_url(paths.valkey_url(home))) as client:
            assert client.llen("written") == 200
