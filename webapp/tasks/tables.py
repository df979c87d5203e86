"""A worker begins once the tables are its code's: with older ones jobs would fail for good."""

import logging
import time
from typing import Any

from celery.signals import celeryd_init
from django.db import connection

from webapp.selectors import tables

logger = logging.getLogger(__name__)

_ASK_SECONDS = 1.0


@celeryd_init.connect
def _wait_for_migrations(**_: Any) -> None:
    """Ask until it is so, as nobody tells; before anything else, which reads tables too."""
    if not tables.are_migrated():
        logger.warning("Waiting for the database to be migrated …")
    while not tables.are_migrated():
        connection.close()  # it may be one to a server that went away
        time.sleep(_ASK_SECONDS)
