"""Pictures, to members only. Names are content hashes, so a browser may keep them for ever."""

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from webapp.api import errors, limits
from webapp.api.auth import user_of_plain_request
from webapp.errors import Busy, NotFound, PupilError
from webapp.models import Image, User

RENDITIONS = {"original", "thumbnail", "display"}
_BLOCK_BYTES = 256 * 1024
_HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


@require_safe
def media(request: HttpRequest, project_id: int, sha256: str, rendition: str) -> HttpResponseBase:
    try:
        user = user_of_plain_request(request)
        limits.count_picture(request, user)
        image = _image(user, project_id, sha256)
        return _file(image, rendition)
    except PupilError as error:
        return errors.response(error)


def _image(user: User, project_id: int, sha256: str) -> Image:
    image = Image.objects.filter(
        project_id=project_id, sha256=sha256, project__members=user, project__erased_at=None
    ).first()
    if image is None:
        raise NotFound("There is no such picture.", code="image_not_found")
    return image


def _file(image: Image, rendition: str) -> HttpResponseBase:
    name = getattr(image, rendition) if rendition in RENDITIONS else ""
    try:
        file = default_storage.open(name) if name else None
    except FileNotFoundError:
        file = None
    except OSError as error:
        raise Busy("The picture can't be fetched just now. Try again.") from error
    if file is None:
        raise NotFound("This picture has no such rendition.", code="rendition_not_found")
    content_type = image.content_type if rendition == "original" else "image/jpeg"
    response = FileResponse(file, content_type=content_type, headers=_HEADERS)
    response.block_size = _BLOCK_BYTES
    return response
