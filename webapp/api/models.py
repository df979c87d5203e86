"""Which models can be asked about pictures."""

from django.http import HttpRequest
from ninja import Field, Router
from pydantic import BaseModel

from webapp.api.auth import user_of
from webapp.learning import general
from webapp.models import Version
from webapp.selectors import versions

router = Router(tags=["models"])


class ModelOut(BaseModel):
    kind: str = Field(description="`general` or `project`.")
    name: str
    project: int | None = Field(description="Whose it is; null: everybody's.")
    version: int | None
    concepts: int = Field(description="How many things it knows.")

    @classmethod
    def of(cls, version: Version) -> "ModelOut":
        return cls(
            kind="project",
            name=version.project.name,
            project=version.project_id,
            version=version.number,
            concepts=len(version.concepts),
        )


class ModelsOut(BaseModel):
    items: list[ModelOut]


@router.get("", response=ModelsOut)
def list_models(request: HttpRequest) -> ModelsOut:
    """Return the general model, then the live versions of the caller's projects."""
    mine = [ModelOut.of(version) for version in versions.published(user_of(request))]
    return ModelsOut(items=[*_general(), *mine])


def _general() -> list[ModelOut]:
    if not general.is_there():
        return []
    known = general.size()
    return [
        ModelOut(kind="general", name="General model", project=None, version=None, concepts=known)
    ]
