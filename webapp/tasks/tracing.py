"""Workers are traced from their start on, where traces are gathered."""

from typing import Any

from celery.signals import celeryd_after_setup

from webapp import telemetry


@celeryd_after_setup.connect
def _start(sender: str, **_: Any) -> None:
    telemetry.start(sender.partition("@")[0])
