"""Saved searches."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import BaseModel

from webapp.api.auth import user_of
from webapp.models import SavedSearch
from webapp.selectors import projects
from webapp.selectors import searches as selectors
from webapp.services import searches as services

router = Router(tags=["search"])


class SearchIn(Schema):
    name: str
    query: str


class SearchChange(Schema):
    name: str | None = None
    query: str | None = None


class SavedSearchOut(BaseModel):
    id: int
    name: str
    query: str

    @classmethod
    def of(cls, saved: SavedSearch) -> "SavedSearchOut":
        return cls(id=saved.pk, name=saved.name, query=saved.query)


class CountedSearchOut(SavedSearchOut):
    count: int | None


class SearchesOut(BaseModel):
    items: list[CountedSearchOut]


@router.get("/{int:project_id}/searches", response=SearchesOut)
def list_searches(request: HttpRequest, project_id: int) -> SearchesOut:
    """Return saved searches with how many pictures each finds; null where it fails by now."""
    project = projects.get(user_of(request), project_id)
    return SearchesOut(
        items=[
            CountedSearchOut(**SavedSearchOut.of(one.saved).model_dump(), count=one.count)
            for one in selectors.counted(project)
        ]
    )


@router.post("/{int:project_id}/searches", response={201: SavedSearchOut})
def create(request: HttpRequest, project_id: int, body: SearchIn) -> Status[Any]:
    user = user_of(request)
    project = projects.get(user, project_id)
    saved = services.save(project=project, user=user, name=body.name, query=body.query)
    return Status(201, SavedSearchOut.of(saved))


@router.patch("/{int:project_id}/searches/{int:search_id}", response=SavedSearchOut)
def update(
    request: HttpRequest, project_id: int, search_id: int, body: SearchChange
) -> SavedSearchOut:
    saved = selectors.get(projects.get(user_of(request), project_id), search_id)
    return SavedSearchOut.of(services.update(saved=saved, name=body.name, query=body.query))


@router.delete("/{int:project_id}/searches/{int:search_id}", response={204: None})
def delete(request: HttpRequest, project_id: int, search_id: int) -> Status[Any]:
    saved = selectors.get(projects.get(user_of(request), project_id), search_id)
    services.delete(saved=saved)
    return Status(204, None)
