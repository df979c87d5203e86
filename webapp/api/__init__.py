"""The API, version 1: thin routers over the same services as the pages."""

from ninja import NinjaAPI

from webapp.api import (
    care,
    concepts,
    evaluation,
    exports,
    images,
    imports,
    jobs,
    labels,
    models,
    predict,
    projects,
    search,
    searches,
    versions,
)
from webapp.api.access import checked
from webapp.api.auth import SessionAuth, TokenAuth
from webapp.api.errors import register

api = NinjaAPI(
    title="Pupil",
    version="1",
    description="Teach from a few pictures, ask about new ones. "
    "Send `Authorization: Bearer TOKEN`; tokens are made on the account page.",
    auth=[TokenAuth(), SessionAuth()],
    urls_namespace="api",
)
register(api)
api.add_decorator(checked)

for module in (
    projects,
    images,
    concepts,
    labels,
    versions,
    evaluation,
    predict,
    search,
    searches,
    exports,
    care,
):
    api.add_router("/projects", module.router)
api.add_router("/jobs", jobs.router)
api.add_router("/models", models.router)
api.add_router("/imports", imports.router)
