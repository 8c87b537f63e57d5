"""The server's log: one JSON object a line, on stderr.

    {"event":"request","level":"info","timestamp":"2026-03-01T08:00:00.123456Z", …}

What libraries log by the standard module comes in the same form, from warnings on. A line of a
request carries its name (`request_id`), whoever wrote it.
"""

import logging
import sys
from typing import Any

import orjson
import structlog
from structlog.types import Processor


def log_as_json() -> None:
    """Write logs so from here on, in this process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(serializer=_as_bytes)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(serializer=_as_text),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def _as_bytes(value: Any, **_options: Any) -> bytes:
    return orjson.dumps(value, default=str)


def _as_text(value: Any, **_options: Any) -> str:
    return _as_bytes(value).decode()
