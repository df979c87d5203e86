"""A project's versions: all of them, one looked at closely, two side by side."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from webapp.errors import NotFound
from webapp.models import Project
from webapp.selectors import members
from webapp.selectors import versions as selectors
from webapp.views.access import user_of, with_project


@with_project
@require_safe
def versions(request: HttpRequest, project: Project) -> HttpResponse:
    return _page(request, project, "versions")


@with_project
@require_safe
def version(request: HttpRequest, project: Project, number: int) -> HttpResponse:
    try:
        selectors.get(project, number)
    except NotFound as error:
        raise Http404(error.message) from error
    return _page(request, project, "version", number=number)


@with_project
@require_safe
def compare(request: HttpRequest, project: Project) -> HttpResponse:
    return _page(request, project, "compare")


def _page(request: HttpRequest, project: Project, page: str, **more: int) -> HttpResponse:
    context = {
        "project": project,
        "rights": members.rights(user_of(request), project.pk),
        "place": "versions",
        "script": f"dist/{page}.js",
        **more,
    }
    return render(request, f"{page}.html", context)
