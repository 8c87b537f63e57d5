"""The whole OpenAPI document, asked with what it allows and what it does not (schemathesis).

No answer is a fault of ours, and none has a status, a media type or a form that the document does
not name. The examples are the same each time.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from api.application import create_app
from api.http.arrivals import Arrivals
from api.http.service import Service

EXAMPLES = 6
"""For each operation; there are some sixty."""

AGAIN = {"behind", "busy", "working", "not_written_here"}
"""Problems of 503 that tell of no fault: whoever asks too early or too much comes again."""


@pytest.fixture(scope="module")
def document(service: Service) -> Iterator[BaseSchema]:
    """Give the application's document; nothing that is asked waits for what does not come."""

    async def never(arrivals: Arrivals, position: int, _timeout_s: float) -> bool:
        return arrivals.is_beyond(position)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.http.questions.MIN_POSITION_SECONDS", 0)
        patch.setattr(Arrivals, "beyond", never)
        yield schemathesis.openapi.from_asgi("/openapi.json", create_app(service))


ELSEWHERE = [not_a_server_error, unsupported_method, positive_data_acceptance]
"""What is checked otherwise: faults below; methods, which a layer of its own answers, in
test_edge.py; and that what a schema allows is accepted, as none can tell a signed note or a page's
mark from any other text."""

CHOICE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_every_answer_is_as_documented(document: BaseSchema) -> None:
    """Whatever is asked of whichever operation; all that is wrong is told together."""
    wrong: list[str] = []
    asked = 0
    for found in document.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @CHOICE
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            _check(case)

        try:
            ask()
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 (told below)
            wrong.append(f"{operation.label}: {error}")
        asked += 1
    assert asked
    assert not wrong, "\n\n".join(wrong)


def _check(case: schemathesis.Case[Any]) -> None:
    response = case.call()
    case.validate_response(response, excluded_checks=ELSEWHERE)
    if response.status_code >= 500:
        assert response.json()["code"] in AGAIN, response.text
