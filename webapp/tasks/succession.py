"""A worker that starts gives back what the one whose place it takes had claimed when it died."""

import logging
from typing import Any

from celery.signals import celeryd_after_setup
from django.conf import settings
from django.db import Error

from webapp.services import jobs, recovery

logger = logging.getLogger(__name__)


@celeryd_after_setup.connect
def _take_over(sender: str, **_: Any) -> None:
    folder = settings.PUPIL_HOME / "workers"
    try:
        life = jobs.lives.succeed(sender, folder)
        if life is not None:
            recovery.requeue_left_by(life)
    except (OSError, Error) as error:
        logger.warning("what was left by the last worker is found by the sweeper: %s", error)
