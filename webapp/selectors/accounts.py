"""A person's tokens."""

from django.db.models import QuerySet

from webapp.models import ApiToken, User


def tokens(user: User) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user=user).order_by("-id")
