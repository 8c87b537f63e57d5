"""The official OCDS checker without network, as a program of its own (libcoveocds is AGPL).

    .venv-checkers/bin/python tests/ocds_checker.py STANDARD.zip EXTENSIONS OWN PACKAGE.json...

It runs in an environment of its own and answers one JSON line a package. Extensions come from
files: a registered one from `EXTENSIONS/<repository>`, ours from the folder `OWN`; every other
address is not found. See `tests/official.py`, which runs it.
"""

import json
import sys
import warnings
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import requests
from libcoveocds.api import ocds_json_output
from libcoveocds.config import LibCoveOCDSConfig
from libcoveocds.schema import SchemaOCDS
from ocdsextensionregistry.extension_version import ExtensionVersion

_OWN_FOLDER = "/v1/ocds/extension/"


class Files:
    """Where an extension's files are read from: folders in place of addresses."""

    def __init__(self, extensions: Path, own: Path) -> None:
        """Look for registered extensions and for ours."""
        self._extensions = extensions
        self._own = own

    def read(self, address: str) -> str | None:
        """Return what stands at an address, or None where nothing does."""
        path = urlsplit(address).path
        if path.startswith(_OWN_FOLDER):
            file = self._own / path.removeprefix(_OWN_FOLDER)
        else:
            _owner, repository, _version, *names = path.strip("/").split("/")
            file = self._extensions.joinpath(repository, *names)
        return file.read_text(encoding="utf-8") if file.is_file() else None


def check(package: Any, standard: bytes) -> dict[str, Any]:
    """Return what the checker finds in a package."""
    config = LibCoveOCDSConfig()
    config.config.update(standard_zip=standard, context="api")
    with TemporaryDirectory() as folder:  # where it writes the extended schema
        found: dict[str, Any] = ocds_json_output(
            folder, json_data=package, schema_version="1.1", lib_cove_ocds_config=config
        )
    return found


def main(standard: Path, extensions: Path, own: Path, packages: list[str]) -> None:
    """Print what is found in each package."""
    warnings.simplefilter("ignore")
    files = Files(extensions, own)

    def remote(extension: ExtensionVersion, basename: str, default: str | None = None) -> str:
        found = files.read(extension.get_url(basename))
        if found is None and default is None:
            raise requests.RequestException(f"{basename} of {extension.base_url}")
        return default or "" if found is None else found

    ExtensionVersion.remote = remote
    data = standard.read_bytes()
    archive = zipfile.ZipFile(standard)
    names = [name for name in archive.namelist() if name.endswith("-schema.json")]
    schemas = {name.rsplit("/", 1)[1]: archive.read(name).decode() for name in names}
    original = SchemaOCDS._jsonref_kwarg

    def loader(uri: str, **_options: object) -> Any:
        text = schemas[uri.split("#", maxsplit=1)[0].rsplit("/", 1)[1]]
        return json.loads(text.replace("{{lang}}", "en").replace("{{version}}", "1.1"))

    def offline(*, proxies: bool = False) -> dict[str, Any]:
        return {**original(proxies=proxies), "loader": loader}

    SchemaOCDS._jsonref_kwarg = staticmethod(offline)
    for path in packages:
        found = check(json.loads(Path(path).read_bytes()), data)
        told = {
            "validation_errors": found["validation_errors"],
            "closed_codelists": found["additional_closed_codelist_values"],
            "conformance": found.get("conformance_errors") or {},
            "dereference": found.get("json_deref_error") or "",
            "deprecated": found["deprecated_fields"],
            "additional_fields": found["all_additional_fields"],
            "invalid_extensions": (found.get("extensions") or {}).get("invalid_extension") or {},
        }
        sys.stdout.write(json.dumps(told, default=str) + "\n")


if __name__ == "__main__":
    first, second, third, *rest = sys.argv[1:]
    main(Path(first), Path(second), Path(third), rest)
