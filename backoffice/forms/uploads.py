"""Files on their way in: written to the disk, and dropped as soon as they are larger than any that is read."""

from __future__ import annotations

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

_TOLD = "backoffice.too_large"


class Bounded(FileUploadHandler):
    """Stands before the handler that stores a file; what is too large reaches nobody."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > settings.MOST_UPLOAD_BYTES:
            assert self.request is not None
            self.request.META[_TOLD] = True
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        return None


def was_too_large(request: HttpRequest) -> bool:
    """Whether a file came with this request that was dropped for its size."""
    return bool(request.FILES is not None and request.META.get(_TOLD))
