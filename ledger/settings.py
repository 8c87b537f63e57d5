"""Settings: one frozen model, from options, then the environment, then `sunledger.toml`.

    sunledger show fund --db sqlite:///ledger.db       an option
    SUNLEDGER_DB=sqlite:///ledger.db                   a variable
    db = "sqlite:///ledger.db"                         a line of sunledger.toml, where one works

What stands in front wins. A setting that is not listed here is refused wherever it stands, so
that a slip of the pen is not taken for the default. Secrets have no option: a password comes from
a prompt or from `SUNLEDGER_KEY_PASSWORD`.
"""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ledger.errors import LedgerError
from ledger.statement import MAX_EVENTS

PREFIX = "SUNLEDGER_"
FILE = "sunledger.toml"
CHECKS_OWN = frozenset({"SUNLEDGER_CI", "SUNLEDGER_SHARED_DATA"})
"""Variables of the project's own checks (tests/needs.py), which no command reads."""

MAX_JOBS = 64
"""Processes that verify: more than any one machine here has cores."""

MAX_SESSION_MINUTES = 12 * 60
"""A working day: who forgets to sign out at the end of it is signed out by the next."""

_SECRETS = frozenset({"key_password", "oidc_client_secret"})
"""What no message repeats."""

MAX_WEBHOOK_DAYS = 90
"""A quarter: a receiver that is silent for longer has been forgotten."""

MAX_REQUESTS_A_SECOND = 1_000_000
"""Of one address: more than a server can answer at all."""


class SettingsInvalid(LedgerError):
    """A setting is unknown or has no possible value."""


class Settings(BaseSettings):
    """Everything that can be set."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, toml_file=FILE, env_ignore_empty=True
    )

    db: str = Field("sqlite:///ledger.db", description="The ledger's database, as an URL.")
    projections: str | None = Field(
        None, description="The database of the read models, as an URL; else the ledger's."
    )
    keys: Path = Field(Path("keys"), description="Folder of key files.")
    key: str | None = Field(None, description="The key that signs: its name, or its file.")
    ledger_key: str | None = Field(
        None, description="The ledger's own key, if not the one of its origin's name in `keys`."
    )
    operator_key: str | None = Field(
        None,
        description="The operator's key, by which a server signs refusals: its name, or its file.",
    )
    key_password: SecretStr | None = Field(
        None, description="Password of key files; without it, a prompt asks."
    )
    policy: Path | None = Field(None, description="Policy file: whom a verification trusts.")
    state_dir: Path | None = Field(
        None, description="Where accepted checkpoints are remembered; else the user's state folder."
    )
    witness_listen: str = Field(
        "127.0.0.1:8650", description="Address and port at which a witness listens."
    )
    witness_memory: Path = Field(
        Path("witness"), description="Folder of what a witness cosigned last."
    )
    witness_key: str | None = Field(
        None,
        description="A witness's key, with which the server cosigns other ledgers' checkpoints, "
        "too.",
    )
    listen: str = Field(
        "127.0.0.1:8600", description="Address and port at which the server listens."
    )
    role: Literal["writer", "reader"] = Field(
        "writer", description="Whether the server admits statements, or only answers."
    )
    page_makers: Annotated[int, Field(ge=0, le=MAX_JOBS)] = Field(
        2, description="Processes that make pages beside the server's own, once several are wanted."
    )
    public_url: str | None = Field(
        None,
        description="The server's address as its users know it, https://portal.example.gov.cn; "
        "else the one it listens at.",
    )
    ocid_prefix: Annotated[str, Field(pattern=r"^ocds-[a-z0-9]{6}$")] = Field(
        "ocds-000000",
        description="Prefix of the ocids of published processes, `ocds-` and six lower-case "
        "letters or digits: whoever publishes is given one by the Open Contracting Partnership.",
    )
    session_minutes: Annotated[int, Field(ge=1, le=MAX_SESSION_MINUTES)] = Field(
        60, description="How long a reader's session lasts, in minutes."
    )
    oidc_issuer: str | None = Field(
        None, description="Address of the OpenID Connect issuer of the staff; without it, none."
    )
    oidc_client_id: str | None = Field(
        None, description="What this server is called at that issuer."
    )
    oidc_client_secret: SecretStr | None = Field(
        None, description="The secret of this server at that issuer; it has no option."
    )
    oidc_party_claim: str = Field(
        "sunledger_party",
        description="The claim of an identity token that names the person's party in the ledger.",
    )
    hosts: str | None = Field(
        None, description="Names that the server is asked by, a comma between two; else any."
    )
    trusted_proxies: str | None = Field(
        None,
        description="Addresses or networks of proxies whose word of their clients is taken, a "
        "comma between two.",
    )
    requests_a_second: Annotated[int, Field(ge=0, le=MAX_REQUESTS_A_SECOND)] = Field(
        200,
        description="Requests a second that the server takes of one address on average; 0 for no "
        "limit.",
    )
    webhook_private: bool = Field(
        False,
        description="Whether webhooks may be posted to http:// and to addresses of private "
        "networks, too.",
    )
    webhook_days: Annotated[int, Field(ge=1, le=MAX_WEBHOOK_DAYS)] = Field(
        7, description="After how many days without success a webhook is stopped."
    )
    otel_endpoint: str | None = Field(
        None, description="Where traces are sent, as OTLP over HTTP; without it none are made."
    )
    otel_sample_ppm: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        10_000, description="Of a million requests so many are traced."
    )
    accounts: Path | None = Field(
        None,
        description="File of account numbers for order files, from the keeper of the vault; "
        "without it they name accounts by token.",
    )
    lang: Literal["en", "zh"] | None = Field(
        None, description="Language of what people read; else the locale's."
    )
    jobs: Annotated[int, Field(ge=1, le=MAX_JOBS)] = Field(
        1, description="Processes that a verification uses."
    )
    import_events: Annotated[int, Field(ge=1, le=MAX_EVENTS)] = Field(
        500, description="Reports in a statement of an import, at most."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (the library's signature)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (the same)
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the three sources, the strongest first."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(
    options: Mapping[str, object | None], environ: Mapping[str, str] = os.environ
) -> Settings:
    """Return the settings; options that are None were not given.

    Raises:
        SettingsInvalid: an unknown setting, or a value that cannot be.

    """
    for name in environ:
        if name.startswith(PREFIX) and name not in CHECKS_OWN:
            _check_known(name.removeprefix(PREFIX).lower(), f"the variable {name}")
    given: dict[str, Any] = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            _check_known(field, f"{field!r} in {FILE}")
        shown = "" if field in _SECRETS else f" (it is {first['input']!r})"
        raise SettingsInvalid(
            f"the setting {field} cannot be used: {first['msg']}{shown}"
        ) from None
    except (OSError, ValueError) as error:
        raise SettingsInvalid(f"{FILE} cannot be read: {error}") from None


def _check_known(name: str, where: str) -> None:
    known = sorted(Settings.model_fields)
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"perhaps {near[0]} is meant" if near else f"there are {', '.join(known)}"
        raise SettingsInvalid(f"{where} is not a setting; {hint}")
