"""The database's tables, a module per noun."""

from webapp.models.accounts import ApiToken, User
from webapp.models.audit import AuditEntry
from webapp.models.care import Finding
from webapp.models.concepts import Concept, Label, Opinion
from webapp.models.images import EMBEDDING_DIMENSIONS, Embedding, Image, ImageTag, Views
from webapp.models.jobs import Job
from webapp.models.learning import Draft, Prediction, Version, VersionEvent
from webapp.models.limits import Usage
from webapp.models.portability import Export, Import
from webapp.models.projects import Invitation, Membership, Project
from webapp.models.searches import SavedSearch
from webapp.models.texts import TextDirection

__all__ = [
    "EMBEDDING_DIMENSIONS",
    "ApiToken",
    "AuditEntry",
    "Concept",
    "Draft",
    "Embedding",
    "Export",
    "Finding",
    "Image",
    "ImageTag",
    "Import",
    "Invitation",
    "Job",
    "Label",
    "Membership",
    "Opinion",
    "Prediction",
    "Project",
    "SavedSearch",
    "TextDirection",
    "Usage",
    "User",
    "Version",
    "VersionEvent",
    "Views",
]
