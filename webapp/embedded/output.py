"""Where the programs' output goes: a bounded log file each, and what matters on the terminal."""

import logging
import re
import threading
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

_MAX_BYTES = 5 * 2**20
_ALARMING = re.compile(r"\b(ERROR|CRITICAL)\b")


class Log:
    """One program's log file, fed from the pipe that it writes to."""

    def __init__(self, folder: Path, name: str, alarm: Callable[[str], None] | None) -> None:
        """Open it; `alarm` is told of the lines that tell of errors."""
        self.path = folder / f"{name}.log"
        self._handler = RotatingFileHandler(self.path, maxBytes=_MAX_BYTES, backupCount=2)
        self._handler.setFormatter(logging.Formatter("%(message)s"))
        self._alarm = alarm

    def follow(self, pipe: IO[bytes]) -> None:
        """Copy until the program, and all that hold its output, are gone."""
        threading.Thread(target=self._copy, args=(pipe,), daemon=True).start()

    def close(self) -> None:
        self._handler.close()

    def _copy(self, pipe: IO[bytes]) -> None:
        with pipe:
            for raw in pipe:
                line = raw.decode(errors="replace").rstrip()
                self._handler.emit(logging.makeLogRecord({"msg": line}))
                if self._alarm and _ALARMING.search(line):
                    self._alarm(line)
