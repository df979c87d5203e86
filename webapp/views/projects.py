"""The list of projects, and a project's three places."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.errors import PupilError
from webapp.learning import general
from webapp.models import Membership, Project
from webapp.rights import Right, needs
from webapp.selectors import members, versions
from webapp.selectors import projects as selectors
from webapp.services import projects as services
from webapp.views.access import user_of, with_project


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def projects(request: HttpRequest) -> HttpResponse:
    """Show a person's projects, and make new ones."""
    user = user_of(request)
    name, error = request.POST.get("name", ""), ""
    if request.method == "POST":
        try:
            project = services.create(user=user, name=name)
        except PupilError as refused:
            error = refused.message
        else:
            return redirect("photos", project.pk)
    context = {
        "projects": selectors.for_user(user),
        "published": versions.published(user),
        "general_size": general.size() if general.is_there() else 0,
        "name": name,
        "error": error,
    }
    return render(request, "projects.html", context, status=422 if error else 200)


@login_required
@require_safe
def import_page(request: HttpRequest) -> HttpResponse:
    """Bring a data set along."""
    return render(request, "import.html", {"max_bytes": settings.MAX_IMPORT_BYTES})


@with_project
@needs(Right.MANAGE)
@require_POST
def rename(request: HttpRequest, project: Project) -> HttpResponse:
    try:
        services.update(project=project, name=request.POST.get("name", ""))
    except PupilError as refused:
        messages.error(request, refused.message)
    return redirect("projects")


@with_project
@needs(Right.MANAGE)
@require_POST
def delete(request: HttpRequest, project: Project) -> HttpResponse:
    services.erase(project=project, user=user_of(request))
    messages.success(request, f"“{project.name}” is deleted.")
    return redirect("projects")


@with_project
@require_safe
def photos(request: HttpRequest, project: Project) -> HttpResponse:
    return _place(request, project, "photos")


@with_project
@require_safe
def review(request: HttpRequest, project: Project) -> HttpResponse:
    return _place(request, project, "review")


@with_project
@require_safe
def care(request: HttpRequest, project: Project) -> HttpResponse:
    return _place(request, project, "care")


@with_project
@require_safe
def try_it(request: HttpRequest, project: Project) -> HttpResponse:
    return _place(request, project, "try")


def _place(request: HttpRequest, project: Project, place: str) -> HttpResponse:
    context = {
        "project": project,
        "rights": members.rights(user_of(request), project.pk),
        "place": place,
        "script": f"dist/{place}.js",
        "max_bytes": settings.MAX_IMAGE_BYTES,
        "is_owner": members.role(user_of(request), project.pk) == Membership.Role.OWNER,
    }
    return render(request, f"{place}.html", context)
