"""Requests that bring pictures: as files of a form, or by address in JSON."""

from typing import Any, TypeVar

import pydantic
from django.http import HttpRequest
from ninja.errors import ValidationError

from webapp.errors import Invalid
from webapp.services.images import Upload

Body = TypeVar("Body", bound=pydantic.BaseModel)


def is_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json"


def json_body(request: HttpRequest, schema: type[Body]) -> Body:
    """Return the request's JSON.

    Raises:
        ValidationError: it is not of this form.
    """
    try:
        return schema.model_validate_json(request.body)
    except pydantic.ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        raise ValidationError([dict(problem) for problem in problems]) from error


def uploads(request: HttpRequest) -> list[Upload]:
    """Return the files of a form.

    Raises:
        Invalid: there are none.
    """
    files = request.FILES.getlist("file")
    if not files:
        raise Invalid("Send one or more pictures as `file`.", code="file_missing")
    return [Upload(file.name or "", file) for file in files]


def openapi(json_schema: dict[str, Any], **form_fields: dict[str, Any]) -> dict[str, Any]:
    """Describe a body that is either a form with files or JSON, for the API's documentation."""
    files = {"type": "array", "items": {"type": "string", "format": "binary"}}
    form = {"type": "object", "properties": {"file": files, **form_fields}}
    content = {
        "multipart/form-data": {"schema": form},
        "application/json": {"schema": json_schema},
    }
    return {"requestBody": {"required": True, "content": content}}


STRINGS = {"type": "array", "items": {"type": "string"}}
