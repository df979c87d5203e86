"""Pages."""

from django.urls import path

from webapp.views import account, people, projects, versions

urlpatterns = [
    path("", projects.projects, name="projects"),
    path("projects/<int:project_id>/", projects.photos, name="photos"),
    path("projects/<int:project_id>/review/", projects.review, name="review"),
    path("projects/<int:project_id>/care/", projects.care, name="care"),
    path("projects/<int:project_id>/try/", projects.try_it, name="try"),
    path("projects/<int:project_id>/versions/", versions.versions, name="versions"),
    path("projects/<int:project_id>/versions/compare/", versions.compare, name="compare"),
    path("projects/<int:project_id>/versions/<int:number>/", versions.version, name="version"),
    path("projects/<int:project_id>/rename", projects.rename, name="rename_project"),
    path("projects/<int:project_id>/delete", projects.delete, name="delete_project"),
    path("projects/<int:project_id>/people/", people.people, name="people"),
    path("projects/<int:project_id>/people/invite", people.invite, name="invite"),
    path(
        "projects/<int:project_id>/people/invitations/<int:invitation_id>/withdraw",
        people.withdraw,
        name="withdraw",
    ),
    path("projects/<int:project_id>/people/<int:member_id>", people.change, name="change_member"),
    path("join/<str:key>/", people.join, name="join"),
    path("import/", projects.import_page, name="import"),
    path("account/", account.account, name="account"),
    path("account/tokens/<int:token_id>/revoke", account.revoke, name="revoke_token"),
]
