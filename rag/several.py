"""Ask the questions of one message one after the other."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

from rag.answering.ranking import Choice
from rag.combined import BETWEEN, combined, verdict
from rag.explain import explain
from rag.overview import overview
from rag.pipeline import Parts, Run, answer_from, run
from rag.query.comparison import Comparison, compared
from rag.query.follow_up.rewrite import stand_alone
from rag.query.overview import overview_asked
from rag.query.parts import MOST, Part, parts
from rag.records import Hit, Turn
from rag.request import MAX_QUESTION, Request, Tell, check_question
from rag.text.characters import fold

__all__ = ["ask_each"]

# Possible answers of each of several things that are tried against those of the others.
TRIED = 4
# Turns that are taken apart: those that a follow-up is read after.
MEMORY = 6
# Characters before an answer that its clause is looked for in.
REACH = 80
_clause_ends = re.compile("[，,。；;！？!?\n]")


@dataclass(frozen=True, slots=True)
class _Asker:
    """Asks one question at a time, all with the same parts of the bot."""

    parts: Parts
    shown: Sequence[Hit] | None
    tell: Tell | None

    def ask(self, request: Request) -> Run:
        return self._explained(run(self.parts, request, shown=self.shown, tell=self.tell))

    def again(self, done: Run, choices: Sequence[Choice]) -> Run:
        return self._explained(answer_from(self.parts, done, choices))

    def _explained(self, done: Run) -> Run:
        if not done.request.explain:
            return done
        return replace(done, answer=replace(done.answer, explain=explain(done)))


def ask_each(
    bot: Parts, request: Request, *, shown: Sequence[Hit] | None = None, tell: Tell | None = None
) -> Run:
    """Ask all that `request` asks; of several questions return the run of the first, with the Answer to all.

    A comparison asks for the value of each thing; if one is not known it is asked as it stands. `shown` are read in
    place of what would be found.
    """
    asker = _Asker(bot, shown, tell)
    asked = check_question(request.question)
    request = replace(request, history=_told(request.history))
    found = parts(asked, lambda question: stand_alone(question, request.history))
    if shown is None and (wanted := overview_asked(asked)) and (told := overview(bot, request, wanted)):
        return told
    if len(found) > 1:
        runs = _in_turn(asker, request, found[:MOST])
        answers = [done.answer for done in runs]
        return replace(runs[0], answer=combined(request.question, answers, more=len(found) > MOST))
    comparison = compared(stand_alone(asked, request.history)) if compared(asked) else None
    if comparison is None or len(comparison.questions) > MOST:
        return asker.ask(request)
    return _compare(asker, request, comparison)


def _in_turn(asker: _Asker, request: Request, found: Sequence[Part]) -> list[Run]:
    """Ask the parts of a message in order; one with a pronoun is read after the turns and parts before it.

    What is not known is put the other way, and that counts where an article answers it that answered one before, or
    surely where it may be of other news.
    """
    turns = list(request.history)
    runs: list[Run] = []
    for part in found:
        alone = stand_alone(part.leaning, turns) if part.leaning else part.text
        question = part.text if alone == part.leaning else alone
        one = replace(request, question=question[:MAX_QUESTION], history=())
        done = asker.ask(one)
        if done.answer.refused and part.otherwise and ((told := _cited(runs)) or part.apart):
            again = asker.ask(replace(one, question=part.otherwise[:MAX_QUESTION]))
            known = _cited([again]) & told or (part.apart and again.answer.certainty == "sure")
            done = again if known else done
        runs.append(done)
        turns.append(Turn(question, done.answer.answer))
    return _told_apart(asker, runs, [part.thing for part in found])


def _cited(runs: Sequence[Run]) -> set[str]:
    """Return the articles that the answers rest on."""
    return {citation.article_id for done in runs for citation in done.answer.citations[:1]}


def _told_apart(asker: _Asker, runs: list[Run], things: Sequence[str]) -> list[Run]:
    """Give each of several things its own answer where two have the same words of the same article.

    Of 甲的利润5亿元，乙的利润4亿元 each of two readings may like 4亿元 best; together they like it best for 乙. One clause that
    names both things answers both.
    """
    of_each = [n for n, thing in enumerate(things) if thing and not runs[n].answer.refused]
    told = [_best(runs[n]) for n in of_each]
    if len(set(map(_place, told))) == len(told) or any(_named_together(one, things) for one in told):
        return runs
    options = [_likely(runs[n]) for n in of_each]
    distinct = [chosen for chosen in product(*options) if len(set(map(_place, chosen))) == len(chosen)]
    if not distinct:
        return runs
    best = max(distinct, key=lambda chosen: sum(choice.score for choice in chosen))
    for n, choice in zip(of_each, best, strict=True):
        if _place(choice) != _place(_best(runs[n])):
            others = {_place(other) for other in best if other is not choice}
            rest = [one for one in runs[n].choices if one is not choice and _place(one) not in others]
            runs[n] = asker.again(runs[n], [choice, *rest])
    return runs


def _best(done: Run) -> Choice:
    """Return the choice that the answer rests on, the best one where it was put together otherwise."""
    cited = done.answer.citations[0]
    where = cited.article_id, cited.answer_start
    same = (choice for choice in done.choices if (_place(choice)[0], choice.candidate.span.start) == where)
    return next(same, done.choices[0])


def _likely(done: Run) -> list[Choice]:
    """Return the choices that might be the answer: the best one, and others of the asked form that are likely."""
    least = done.needed.likely
    fit = (c for c in done.choices if not c.vetoed and c.candidate.fits and c.confidence >= least)
    found = {_place(choice): choice for choice in (_best(done), *fit)}
    return list(found.values())[:TRIED]


def _named_together(choice: Choice, things: Sequence[str]) -> bool:
    """Tell whether the clause of an answer names two of the things: 两个小区，红旗里和育才新村均建于1984年."""
    span, text = choice.candidate.span, choice.candidate.hit.passage.article.text
    start = max(
        (end.end() for end in _clause_ends.finditer(text, max(0, span.start - REACH), span.start)), default=0
    )
    clause = fold(text[max(start, span.start - REACH) : span.end])
    return sum(fold(thing) in clause for thing in things) > 1


def _place(choice: Choice) -> tuple[str, int, int]:
    span = choice.candidate.span
    return choice.candidate.hit.passage.article.id, span.start, span.end


def _compare(asker: _Asker, request: Request, comparison: Comparison) -> Run:
    """Ask for each value; by how much they differ an article may say itself, and where nothing is known that is all to say."""
    whole = None if comparison.which else asker.ask(request)
    if whole is not None and whole.answer.certainty == "sure":
        return whole
    asked = zip(comparison.questions, comparison.things, strict=True)
    runs = _in_turn(asker, request, [Part(question, thing=thing) for question, thing in asked])
    answers = [done.answer for done in runs]
    if any(answer.refused for answer in answers):
        whole = whole or asker.ask(request)
        refused = whole.answer.refused
        if all(answer.refused for answer in answers) and refused:
            return whole
        if not refused and (not comparison.which or _names_one(comparison, whole)):
            return whole
    said = combined(request.question, answers, conclusion=verdict(comparison, answers))
    return replace(runs[0], answer=said)


def _names_one(comparison: Comparison, whole: Run) -> bool:
    """Tell whether what answers a comparison as it stands is one of the things."""
    said = fold(whole.answer.answer)
    return any(fold(thing) in said for thing in comparison.things)


def _told(history: Sequence[Turn]) -> tuple[Turn, ...]:
    """Return the turns with those taken apart that asked several things."""
    return (*history[:-MEMORY], *(one for turn in history[-MEMORY:] for one in _turns(turn)))


def _turns(turn: Turn) -> list[Turn]:
    asked = [part.text for part in parts(turn.question)]
    if len(asked) < 2:
        return [turn]
    answers = turn.answer.split(BETWEEN)
    known = answers if len(answers) == len(asked) else [""] * len(asked)
    return [Turn(question, answer) for question, answer in zip(asked, known, strict=True)]
