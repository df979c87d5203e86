"""The thresholds that count in what the pages show."""

from webapp.models import Draft, Project, Version
from webapp.models.learning import thresholds_in_use

UNKNOWN = 0.5  # of a concept of which nothing was learned


def shown(project: Project) -> dict[int, float]:
    """Return them by concept id; what the pages show is the draft's word, or the version's."""
    draft = Draft.objects.filter(project=project).defer("head").first()
    return of(project, draft or project.version)


def of(project: Project, learned: Draft | Version | None) -> dict[int, float]:
    """Return those of a draft or version; what people chose goes along to the drafts."""
    taught = learned.concepts if learned else []
    chosen = project.version.thresholds if project.version else {}
    in_use = thresholds_in_use(taught, chosen)
    return {concept["id"]: value for concept, value in zip(taught, in_use, strict=True)}
