"""Law of questions about a tender: asked in time, answered once, while it still helps."""

from typing import Any

from ledger.errors import Refused
from ledger.events import Event
from ledger.events.tender import QuestionAnswered, QuestionAsked
from ledger.parties import Seat
from ledger.rules.act import Act, Rule, authorise, check_free, look_up, take
from ledger.rules.lot import case_of, check_before_close, published
from ledger.state import State
from ledger.state.tender import Question
from ledger.times import format_instant


def _authorise_question(state: State, event: QuestionAsked, act: Act) -> None:
    tender = look_up(state.tenders, "tender", event.tender)
    authorise(state, event, act, case_of(tender), (Seat("provider"),))


def _admit_question(state: State, event: QuestionAsked, act: Act) -> None:
    check_free(state, "question", event.question)
    tender = published(state, event.tender)
    check_before_close(tender, act)
    until_ms = tender.questions_until_ms
    if until_ms is not None and act.recorded_ms >= until_ms:
        raise Refused("question_too_late", tender=event.tender, until=format_instant(until_ms))


def _apply_question(state: State, event: QuestionAsked, _act: Act) -> None:
    take(state, "question", event.question)
    question = Question(event.question, event.tender, answered=False)
    state.put(state.questions, event.question, question)


def _authorise_answer(state: State, event: QuestionAnswered, act: Act) -> None:
    question = look_up(state.questions, "question", event.question)
    tender = state.tenders[question.tender]
    authorise(state, event, act, case_of(tender), (Seat("purchaser", tender.purchaser),))


def _admit_answer(state: State, event: QuestionAnswered, act: Act) -> None:
    question = state.questions[event.question]
    check_before_close(published(state, question.tender), act)
    if question.answered:
        raise Refused("question_answered", question=event.question)


def _apply_answer(state: State, event: QuestionAnswered, _act: Act) -> None:
    question = state.questions[event.question]
    state.put(state.questions, event.question, question._replace(answered=True))


def _home_of_question(_state: State, event: QuestionAsked) -> tuple[str, ...]:
    return (f"tender/{event.tender}",)


def _home_of_answer(state: State, event: QuestionAnswered) -> tuple[str, ...]:
    return (f"tender/{state.questions[event.question].tender}",)


RULES: dict[type[Event], Rule[Any]] = {
    QuestionAsked: Rule(_authorise_question, _admit_question, _apply_question, _home_of_question),
    QuestionAnswered: Rule(_authorise_answer, _admit_answer, _apply_answer, _home_of_answer),
}
