"""Work under way."""

from django.http import HttpRequest
from ninja import Router

from webapp.api.auth import user_of
from webapp.api.schemas.learning import JobOut
from webapp.errors import NotFound
from webapp.models import Job

router = Router(tags=["jobs"])


@router.get("/{int:job_id}", response=JobOut)
def get(request: HttpRequest, job_id: int) -> JobOut:
    mine = Job.objects.filter(project__members=user_of(request), project__erased_at=None)
    job = mine.filter(pk=job_id).first()
    if job is None:
        raise NotFound("There is no such job.", code="job_not_found")
    return JobOut.of(job)
