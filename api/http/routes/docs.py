"""The API's documentation in a browser: Swagger UI over `/openapi.json`.

    GET /docs

Everything it needs comes from this server, from the files of the package fastapi-offline: a page
that fetched them elsewhere would tell others who reads, and would not work in an office's network.
It draws its icons as `data:` images, which the policy of other pages does not allow; this page
states its own.
"""

from importlib import resources
from importlib.metadata import version
from pathlib import Path as File

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse

from api.http.cache import IMMUTABLE
from api.http.edge.security import CONTENT_SECURITY_POLICY
from api.http.problems import Problem

POLICY = f"{CONTENT_SECURITY_POLICY}; img-src 'self' data:"
SCRIPT, STYLE, START = "swagger-ui-bundle.js", "swagger-ui.css", "start.js"
MEDIA_TYPES = {SCRIPT: "text/javascript", STYLE: "text/css"}

STARTING = b"""\
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
"""
"""Its validator would be somebody else's server, which would be sent the document's address."""

_RELEASE = f"{version('fastapi-offline')}-{version('sunledger')}"
_FILES = File(str(resources.files("fastapi_offline"))) / "static"
_PAGE = f"""\
<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Sunledger API</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/docs/{_RELEASE}/{STYLE}">
</head>
<body>
  <main id="swagger-ui">
    <noscript>
      <h1>Sunledger API</h1>
      <p>This page needs JavaScript. The document itself: <a href="/openapi.json">OpenAPI</a>.</p>
    </noscript>
  </main>
  <script src="/docs/{_RELEASE}/{SCRIPT}"></script>
  <script src="/docs/{_RELEASE}/{START}"></script>
</body>
</html>
"""

routes = APIRouter(include_in_schema=False)


@routes.get("/docs")
async def page() -> Response:
    """Show what the API offers."""
    return HTMLResponse(_PAGE, headers={"Content-Security-Policy": POLICY})


@routes.get("/docs/{release}/{name}")
async def asset(release: str, name: str) -> Response:
    """Give a file of the page; its address names the release, so it never changes."""
    headers = {"Cache-Control": IMMUTABLE}
    if release == _RELEASE and name == START:
        return Response(STARTING, headers=headers, media_type="text/javascript")
    if release == _RELEASE and name in MEDIA_TYPES:
        return FileResponse(_FILES / name, media_type=MEDIA_TYPES[name], headers=headers)
    raise Problem("not_found", "the page has no such file")
