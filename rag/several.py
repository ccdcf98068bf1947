"""Ask the questions of one message one after the other."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from rag.combined import BETWEEN, combined, verdict
from rag.pipeline import Run
from rag.query.comparison import Comparison, compared
from rag.query.follow_up.rewrite import stand_alone
from rag.query.parts import MOST, Part, parts
from rag.records import Hit, Turn
from rag.request import MAX_QUESTION, Request, check_question

__all__ = ["ask_each"]

Shown = Sequence[Hit] | None
Ask = Callable[[Request, Shown], Run]
"""Asks one question; the passages are those to read in place of what would be found."""


def ask_each(request: Request, ask: Ask, shown: Shown = None) -> Run:
    """Ask all that `request` asks; of several questions return the run of the first, with the Answer to all.

    A comparison asks for the value of each thing; if one is not known it is asked as it stands. `shown` are read in
    place of what would be found.
    """
    asked = check_question(request.question)
    request = replace(request, history=_told(request.history))
    found = parts(asked, lambda question: stand_alone(question, request.history))
    if len(found) > 1:
        runs = _in_turn(request, found[:MOST], ask, shown)
        answers = [run.answer for run in runs]
        return replace(runs[0], answer=combined(request.question, answers, more=len(found) > MOST))
    comparison = compared(stand_alone(asked, request.history))
    return ask(request, shown) if comparison is None else _compare(request, comparison, ask, shown)


def _in_turn(request: Request, found: Sequence[Part], ask: Ask, shown: Shown) -> list[Run]:
    """Ask the parts of a message in order; one with a pronoun is read after the turns and parts before it.

    What is not known is put the other way, and that counts where an article answers it that answered one before.
    """
    turns = list(request.history)
    runs: list[Run] = []
    for part in found:
        alone = stand_alone(part.leaning, turns) if part.leaning else part.text
        question = part.text if alone == part.leaning else alone
        one = replace(request, question=question[:MAX_QUESTION], history=())
        done = ask(one, shown)
        if done.answer.refused and part.otherwise and (told := _cited(runs)):
            again = ask(replace(one, question=part.otherwise[:MAX_QUESTION]), shown)
            done = again if _cited([again]) & told else done
        runs.append(done)
        turns.append(Turn(question, runs[-1].answer.answer))
    return runs


def _cited(runs: Sequence[Run]) -> set[str]:
    """Return the articles that the answers rest on."""
    return {citation.article_id for run in runs for citation in run.answer.citations[:1]}


def _compare(request: Request, comparison: Comparison, ask: Ask, shown: Shown) -> Run:
    found = [Part(question) for question in comparison.questions]
    runs = _in_turn(request, found[:MOST], ask, shown)
    answers = [run.answer for run in runs]
    if any(answer.refused for answer in answers) or len(found) > MOST:
        whole = ask(request, shown)
        if not whole.answer.refused:
            return whole
    said = combined(request.question, answers, conclusion=verdict(comparison, answers))
    return replace(runs[0], answer=said)


def _told(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return the turns with those taken apart that asked several things."""
    return tuple(one for turn in history for one in _turns(turn))


def _turns(turn: Turn) -> list[Turn]:
    asked = [part.text for part in parts(turn.question)]
    if len(asked) < 2:
        return [turn]
    answers = turn.answer.split(BETWEEN)
    known = answers if len(answers) == len(asked) else [""] * len(asked)
    return [Turn(question, answer) for question, answer in zip(asked, known, strict=True)]
