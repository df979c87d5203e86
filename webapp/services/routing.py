"""Who answers for a version: those who answer for all, or workers of its project's own."""

from django.conf import settings

from webapp.models import Version


def lane_of(version: Version) -> str:
    """Return the lane that a version is asked in; empty: everybody's.

    Live versions alone: what is tried on a draft must not hold up who relies on the live one.
    """
    if version.stage != Version.Stage.LIVE:
        return ""
    lane: str = settings.SERVE_ROUTES.get(version.project_id, "")
    return lane
