"""Celery's way in: claim, hand to a service, wake the next. No logic lives here."""
