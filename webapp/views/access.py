"""Pages are for people who are signed in; what is not theirs does not exist for them."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from webapp.errors import NotFound
from webapp.models import Project, User
from webapp.selectors import projects

Parameters = ParamSpec("Parameters")


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; for views behind `login_required`."""
    return cast("User", request.user)


def with_project(
    view: Callable[Concatenate[HttpRequest, Project, Parameters], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Hand the signed-in person's project to the view in place of its id."""

    @login_required
    @wraps(view)
    def wrapper(
        request: HttpRequest, project_id: int, *args: Parameters.args, **kwargs: Parameters.kwargs
    ) -> HttpResponse:
        try:
            project = projects.get(user_of(request), project_id)
        except NotFound as error:
            raise Http404(error.message) from error
        return view(request, project, *args, **kwargs)

    return wrapper
