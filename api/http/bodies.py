"""What is sent with a request, within the limit of who asks for it."""

from fastapi import Request

from api.http.problems import Problem


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return a request's body, which was read within wider limits already (`edge.bodies`).

    Raises:
        Problem: `too_large`.

    """
    body = await request.body()
    if len(body) > max_bytes:
        raise Problem("too_large", f"at most {max_bytes:,} bytes")
    return body
