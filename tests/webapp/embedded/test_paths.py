import multiprocessing
from pathlib import Path

from webapp.embedded import paths


def test_socket_paths_of_a_deep_home_are_short_enough(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 30)
    assert len(str(paths.sockets(deep) / ".s.PGSQL.5432.lock")) < 104
    assert paths.sockets(deep) != paths.sockets(deep / "other")


def test_processes_that_start_at_once_agree_on_the_secret_key(tmp_path: Path) -> None:
    homes = [tmp_path / str(number) for number in range(10)]
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        for home in homes:
            keys = pool.map(paths.secret_key, [home] * 8, chunksize=1)
            assert len(set(keys)) == 1
            assert len(keys[0]) > 50
