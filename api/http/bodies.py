"""What is sent with a request, read up to a limit and no further."""

from fastapi import Request

from api.http.problems import Problem


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return a request's body.

    Raises:
        Problem: `too_large`; what comes behind the limit is not read.

    """
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdecimal() and int(declared[:20]) > max_bytes:
        raise _too_large(max_bytes)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk)
    return b"".join(chunks)


def _too_large(max_bytes: int) -> Problem:
    # The rest would have to be read before the connection could serve another request.
    return Problem("too_large", f"at most {max_bytes:,} bytes", {"Connection": "close"})
