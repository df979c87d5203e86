"""The database's tables, a module per noun."""

from webapp.models.accounts import ApiToken, User
from webapp.models.concepts import Concept, Label
from webapp.models.images import EMBEDDING_DIMENSIONS, Embedding, Image
from webapp.models.jobs import Job
from webapp.models.learning import Draft, Prediction, Version, VersionEvent
from webapp.models.projects import Membership, Project

__all__ = [
    "EMBEDDING_DIMENSIONS",
    "ApiToken",
    "Concept",
    "Draft",
    "Embedding",
    "Image",
    "Job",
    "Label",
    "Membership",
    "Prediction",
    "Project",
    "User",
    "Version",
    "VersionEvent",
]
