"""Pages are for people who are signed in; what is not theirs does not exist for them."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from webapp.errors import Forbidden, NotFound
from webapp.models import Project, User
from webapp.rights import right_of
from webapp.selectors import members, projects

Parameters = ParamSpec("Parameters")


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; for views behind `login_required`."""
    return cast("User", request.user)


def with_project(
    view: Callable[Concatenate[HttpRequest, Project, Parameters], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Hand the signed-in person's project to the view in place of its id, where they may.

    What the view needs is what `webapp.rights.needs` marked it with, else what its method suggests.
    """

    @login_required
    @wraps(view)
    def wrapper(
        request: HttpRequest, project_id: int, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        try:
            project = projects.get(user_of(request), project_id)
            members.check(user_of(request), project_id, right_of(view, request.method))
        except NotFound as error:
            raise Http404(error.message) from error
        except Forbidden as error:
            raise PermissionDenied(error.message) from error
        return view(request, project, *args, **kwargs)

    return wrapper
