"""Change one threshold at a time and see whether the tests of its own package notice.

    python -m tests.support.mutants [NAME...]

A name is that of a constant (NAMED) or of a module and a constant (answer.NAMED); without any all are changed. What is
shared by all runs (modules, the dictionary) is loaded once, and each mutant is a fork of that: the value is another in
every module that has it. A value that an expression was built from at import would stay, so none such is listed.
"""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

import pytest

from rag.text.words import cut

__all__ = ["MUTANTS", "Mutant", "main", "survives"]


OPTIONS = ("-x", "-p", "no:cacheprovider", "-m", "not model and not slow", "--hypothesis-profile=few")


@dataclass(frozen=True)
class Mutant:
    """A constant of a module under `rag` with a value that is wrong for it.

    What several packages import is listed with the module whose tests are to hold it, and changed for all.
    """

    module: str
    constant: str
    value: object

    @property
    def name(self) -> str:
        """The name it is asked for by."""
        return f"{self.module.rpartition('.')[2]}.{self.constant}"

    @property
    def tests(self) -> str:
        """The folder of the tests of its package."""
        return f"tests/{self.module.partition('.')[0]}"


MUTANTS = (
    Mutant("answering.candidates", "WORTH_READING", 0.05),
    Mutant("answering.candidates", "WORTH_READING", 0.95),
    Mutant("answering.candidates", "SPANS", 1),
    Mutant("answering.candidates", "UNMARKED", -1.0),
    Mutant("answering.candidates", "LONGEST_ITEM", 5),
    Mutant("answering.ranking", "LIKELY", 0.99),
    Mutant("answering.ranking", "AS_WELL", 0.2),
    Mutant("answering.ranking", "LEAST_WEIGHED", 1),
    Mutant(
        "answering.ranking",
        "PROVABLE",
        frozenset(("time", "name", "ordinal", "unit", "form", "role", "negation", "place")),
    ),
    Mutant("answering.answer", "CLOSE", 100.0),
    Mutant("answering.answer", "CLOSE", -1.0),
    Mutant("answering.answer", "COMMON", 17.0),
    Mutant("answering.refusal", "NAMED", 5.0),
    Mutant("answering.refusal", "NAMED", 0.05),
    Mutant("answering.refusal", "CLOSEST", 10),
    Mutant("answering.refusal", "MOST_MISSING", 9),
    Mutant("answering.answer_features", "MARGINS", (-1.0, 2.0)),
    Mutant("answering.answer_features", "ALONE", 9.0),
    Mutant("answering.answer_features", "MIDDLE", 0.0),
    Mutant("answering.answer_features", "SPREAD", 1.0),
    Mutant("answering.qualifiers", "REACH", 1),
    Mutant("answering.qualifiers", "REACH", 9),
    Mutant("answering.periods", "MONTH", 400),
    Mutant("answering.periods", "YEAR", 30),
    Mutant("answering.periods", "UNEQUAL", 0),
    Mutant("answering.periods", "EARLIER", 5),
    Mutant("answering.agreement", "NEAR_COVERAGE", 0.2),
    Mutant("answering.agreement", "MONTH", 400),
    Mutant("answering.timeline", "NEAR", 0.2),
    Mutant("answering.timeline", "MOST", 1),
    Mutant("answering.evidence", "INHERITED", 0.1),
    Mutant("answering.evidence", "SAID", 0.9),
    Mutant("answering.constraints", "STORY", 50),
    Mutant("answering.constraints", "TIME_WORDS", 2),
    Mutant("answering.context", "DAYS", 40),
    Mutant("answering.context", "BEHIND", 1),
    Mutant("answering.quotes", "MAX_QUOTE", 30),
    Mutant("answering.quotes", "MAX_ALL", 400),
    Mutant("answering.statement", "SHORT", 5),
    Mutant("answering.statement", "TWICE", 9),
    Mutant("answering.statement", "TWICE", 1),
    Mutant("query.analysis", "SOUGHT", 1.0),
    Mutant("query.expansion", "SEARCHED", 16.0),
    Mutant("query.measure", "REACH", 1),
    Mutant("query.spelling", "COMMON", 3.0),
    Mutant("text.lexicon", "GENERIC", 1.0),
    Mutant("text.lexicon", "OTHER_WORDS", 0.95),
    Mutant("text.lexicon", "PLAIN", 2.0),
    Mutant("text.lexicon", "UNKNOWN", 12.0),
    Mutant("text.abbreviation", "PLAIN", 0.0),
)


def main(names: Sequence[str]) -> int:
    """Try the mutants of these names (all if there are none) and print which the tests let live."""
    chosen = [one for one in MUTANTS if not names or {one.name, one.constant} & set(names)]
    if not chosen:
        raise SystemExit(
            f"no mutant of {', '.join(names)}: name one of the constants in MUTANTS of {__file__}"
        )
    for one in MUTANTS:
        import_module(f"rag.{one.module}")
    cut("词典")
    alive = 0
    for mutant in chosen:
        lives = survives(mutant)
        alive += lives
        sys.stdout.write(f"{'survived' if lives else 'killed':9}{mutant.name} = {mutant.value}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(chosen) - alive} of {len(chosen)} killed\n")
    return int(bool(alive))


def survives(mutant: Mutant) -> bool:
    """Tell whether the tests of its package pass with the mutant in place."""
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            _change(mutant)
            silence = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silence, 1)
            os.dup2(silence, 2)
            os._exit(int(pytest.main([*OPTIONS, mutant.tests])))
        os._exit(pytest.ExitCode.INTERNAL_ERROR)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"the tests of {mutant.name} did not run (pytest ended with {status})")
    return status == pytest.ExitCode.OK


def _change(mutant: Mutant) -> None:
    """Put the value in its module and in those that imported the constant from there."""
    home = import_module(f"rag.{mutant.module}")
    right = getattr(home, mutant.constant)
    for module in (home, *_loaded()):
        if vars(module).get(mutant.constant) is right:
            setattr(module, mutant.constant, mutant.value)


def _loaded() -> Iterator[ModuleType]:
    return (module for name, module in list(sys.modules.items()) if name.startswith("rag."))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
