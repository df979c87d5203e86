"""Pages and API."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler

from webapp import telemetry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

django.setup(set_prefix=False)
telemetry.start("web")  # before the middleware is put together, of which it wants to be
application = WSGIHandler()
