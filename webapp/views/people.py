"""Who is in a project: invited by links, given parts, let go."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from webapp.errors import NotFound, PupilError
from webapp.models import Membership, Project
from webapp.rights import BY_ROLE, Right, needs
from webapp.selectors import disagreement
from webapp.selectors import members as selectors
from webapp.services import members as services
from webapp.views.access import user_of, with_project

_PARTS = {
    Membership.Role.OWNER: "everything, and who belongs to it",
    Membership.Role.EDITOR: "photos, concepts, marks, training",
    Membership.Role.LABELLER: "marks photos",
    Membership.Role.VIEWER: "looks, and asks about new photos",
}

_DEEDS = {
    "project.made": "made the project",
    "project.taken_away": "took all of it away",
    "member.invited": "invited somebody",
    "member.joined": "joined",
    "member.changed": "gave somebody another part",
    "member.removed": "let somebody go",
    "invitation.withdrawn": "withdrew an invitation",
    "limits.set": "set what it may hold",
    "images.deleted": "deleted photos",
    "concept.deleted": "deleted a concept",
}


@with_project
@needs(Right.READ)
@never_cache
@require_http_methods(["GET", "HEAD"])
def people(request: HttpRequest, project: Project) -> HttpResponse:
    return _page(request, project)


@with_project
@needs(Right.MANAGE)
@never_cache
@require_POST
def invite(request: HttpRequest, project: Project) -> HttpResponse:
    """Make an invitation; its link is in this one answer and nowhere else."""
    try:
        role = request.POST.get("role", "")
        _, key = services.invite(project=project, user=user_of(request), role=role)
    except PupilError as refused:
        messages.error(request, refused.message)
        return redirect("people", project.pk)
    link = request.build_absolute_uri(reverse("join", args=[key]))
    return _page(request, project, link=link)


@with_project
@needs(Right.MANAGE)
@require_POST
def withdraw(request: HttpRequest, project: Project, invitation_id: int) -> HttpResponse:
    try:
        services.withdraw(project=project, user=user_of(request), invitation_id=invitation_id)
    except PupilError as refused:
        messages.error(request, refused.message)
    return redirect("people", project.pk)


@with_project
@needs(Right.MANAGE)
@require_POST
def change(request: HttpRequest, project: Project, member_id: int) -> HttpResponse:
    """Give a member another part, or none."""
    user, role = user_of(request), request.POST.get("role", "")
    try:
        if role:
            services.change_role(project=project, user=user, member_id=member_id, role=role)
        else:
            services.remove(project=project, user=user, member_id=member_id)
    except PupilError as refused:
        messages.error(request, refused.message)
    return redirect("people", project.pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, key: str) -> HttpResponse:
    """Say what a link invites to, and let its holder in once they agree."""
    try:
        if request.method == "POST":
            project = services.accept(key=key, user=user_of(request))
            return redirect("photos", project.pk)
        invitation = services.invitation_of_key(key)
    except NotFound as gone:
        return render(request, "invitation_gone.html", {"message": gone.message}, status=404)
    context = {"invitation": invitation, "may": _PARTS[Membership.Role(invitation.role)]}
    return render(request, "join.html", context)


def _page(request: HttpRequest, project: Project, *, link: str = "") -> HttpResponse:
    mine = selectors.role(user_of(request), project.pk)
    pairs = disagreement.pairs(project)
    context = {
        "project": project,
        "members": selectors.of_project(project),
        "invitations": selectors.invitations(project),
        "parts": _PARTS.items(),
        "may_manage": Right.MANAGE in BY_ROLE.get(mine, ()),
        "link": link,
        "deeds": [(deed, _DEEDS.get(deed.action, "")) for deed in selectors.deeds(project)],
        "pairs": pairs,
        "disputed": disagreement.count_disputed(project) if pairs else 0,
    }
    return render(request, "people.html", context)
