"""What Prometheus reads of this process; see `deploy/grafana` for what to make of it."""

from prometheus_client import Counter, Histogram

_REQUEST_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_JOB_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)

REQUEST_SECONDS = Histogram(
    "pupil_request_seconds",
    "From a request's last byte to its answer's first.",
    ["method", "route", "status"],
    buckets=_REQUEST_BUCKETS,
)
WORK_SECONDS = Histogram(
    "pupil_work_seconds",
    "How long a worker was at one claim of jobs, by their kind.",
    ["kind"],
    buckets=_JOB_BUCKETS,
)
JOBS_DONE = Counter("pupil_jobs_done", "Jobs that succeeded; of kind index: pictures.", ["kind"])
JOBS_FAILED = Counter("pupil_jobs_failed", "Jobs that failed for good.", ["kind", "code"])
