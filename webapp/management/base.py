"""What our commands share: errors are told in a line, not as a stack trace."""

from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from webapp.errors import PupilError


class PupilCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            return super().execute(*args, **options)
        except PupilError as error:
            raise CommandError(error.message) from error
        except (OperationalError, redis.ConnectionError) as error:
            home = "" if settings.DATABASE_URL else f", with the PUPIL_HOME {settings.PUPIL_HOME}"
            raise CommandError(
                f"Database or queue does not answer. Is Pupil running (`make run`){home}?"
            ) from error
