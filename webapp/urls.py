"""Every address but `/healthz` (`webapp.asgi`): pages, API, media, readiness."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter

from webapp.api import api
from webapp.api.events import project_events
from webapp.views import health, media, operations, welcome


class Sha256Converter(StringConverter):
    """A content hash, in hexadecimal."""

    regex = "[0-9a-f]{64}"


register_converter(Sha256Converter, "sha256")

handler404 = "webapp.views.errors.not_found"
handler500 = "webapp.views.errors.failed"

urlpatterns = [
    path("metrics", operations.metrics, name="metrics"),
    path("operations/", operations.operations, name="operations"),
    path("operations/jobs/<int:job_id>/retry", operations.retry, name="retry_job"),
    path("operations/limits", operations.allow, name="set_limits"),
    path("readyz", health.readyz, name="readyz"),
    path("api/v1/projects/<int:project_id>/events", project_events, name="project_events"),
    path("api/v1/", api.urls),
    path("media/<int:project_id>/<sha256:sha256>/<str:rendition>", media.media, name="media"),
    path("welcome/<int:user_id>/<str:token>", welcome.welcome, name="welcome"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("", include("webapp.views.urls")),
]
