"""A whole project as one zip, and a zip as a project again."""

from webapp.services.archiving.manifest import FORMAT, is_archive, report
from webapp.services.archiving.restoring import restore
from webapp.services.archiving.writing import filename, write

__all__ = ["FORMAT", "filename", "is_archive", "report", "restore", "write"]
