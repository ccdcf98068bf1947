"""The groups of the reader's second round: human questions for the most part, news sentences with rivals, made texts, finance events."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np

from rag.text.quantity import quantities, unit_class
from rag.text.sentences import sentences
from rag.text.words import bigrams
from training.asked_questions import AskedQuestions
from training.contrasts import contrasts, homophones, lacking, mistyped, other_office
from training.events import Event, ask, events
from training.parallel_texts import made
from training.parallels import Fact, facts
from training.reader_data import Group, ReaderData, Window, rows
from training.rewording import Edit, apply, in_other_words, other_script, restyled
from training.value_questions import question

__all__ = ["SHARES", "FifthRound", "FourthRound", "NewsData", "SecondRound", "ThirdRound"]

# Of a hundred groups: human questions, news, made texts, finance events.
SHARES = {"human": 55, "news": 28, "made": 11, "finance": 6}
# With the questions written as staff ask.
THIRD_SHARES = {"human": 50, "asked": 28, "news": 14, "made": 5, "finance": 3}
# With more of these, about texts of our own.
FOURTH_SHARES = {"human": 46, "asked": 42, "news": 8, "made": 2, "finance": 2}
# With more of the questions of people again, which had been paid for these.
FIFTH_SHARES = {"human": 56, "asked": 37, "news": 4, "made": 2, "finance": 1}
ARTICLES = 9000
CHARS = (60, 240)
UNANSWERABLE = 1 / 3
TITLED = 0.6
# Of the questions about news, those about a value beside others of its kind in the sentence.
RIVALLED = 0.6
LONGEST_LACKING = 10
# 超1200万户 says 1257.8万户 again.
ROUNDED = 0.06
PINYIN = Path("rag/query/pinyin.txt")


class HumanData(ReaderData):
    """The questions of people, with fewer names swapped at random and more words that exclude each other."""

    unanswerable = UNANSWERABLE
    titled = TITLED
    swapped = 0.6

    def _constraints(self, index: int, gold: Window, random: Random) -> list[Edit]:
        whole = gold.title + gold.text
        found = [e for e in super()._constraints(index, gold, random) if e.kind != "year" or e.old in whole]
        meant = [edit for edit in found if edit.kind != "object"]
        near = contrasts(self.items[index].question, whole, random)
        if near or (meant and random.random() < 0.7):
            found = meant
        return [*near, *near, *found]


@dataclass(frozen=True, slots=True)
class NewsItem:
    """Something that may be asked of a line of an article; `start` is where the line begins there."""

    article: int
    start: int
    line: str
    about: Fact | Event


class NewsData:
    """Questions made from the sentences of xinwenlianbo."""

    def __init__(self, data: Path, places: Sequence[str], articles: int = ARTICLES) -> None:
        """Read at most `articles` of the newest items and find what may be asked."""
        files = [data / "xinwenlianbo" / name for name in ("articles.jsonl", "more.jsonl")]
        read = [row for file in files if file.exists() for row in rows(file)]
        order = np.random.default_rng(7).permutation(len(read))[:articles]
        self.articles = [read[place] for place in order]
        self.places = places
        self.spans = [sentences(row["text"]) for row in self.articles]
        self.items = [item for n in range(len(self.articles)) for item in self._of_article(n)]
        self.rivalled = [item for item in self.items if self._has_rival(item)]
        self.near = defaultdict[str, list[tuple[int, int]]](list)
        for n, spans in enumerate(self.spans):
            for at, (a, b) in enumerate(spans):
                for pair in set(
                    re.findall("(?<=[一-龥])[一-龥]{2}(?=[0-9约超近达为])", self.articles[n]["text"][a:b])
                ):
                    self.near[pair].append((n, at))

    def _of_article(self, number: int) -> list[NewsItem]:
        text, at, found = self.articles[number]["text"], 0, []
        for line in text.split("\n"):
            values: list[Fact | Event] = [*facts(line), *events(line)]
            found += [NewsItem(number, at, line, about) for about in values if self._is_plain(line, about)]
            at += len(line) + 1
        return found

    @staticmethod
    def _is_plain(line: str, about: Fact | Event) -> bool:
        """Tell whether the sentence says the subject once only, or with a time."""
        if isinstance(about, Event):
            return True
        a, b = next((a, b) for a, b in sentences(line) if a <= about.start < b)
        return line[a:b].count(about.subject) == 1 or (bool(about.when) and about.kind != "level")

    def draw(self, random: Random) -> Group:
        """Return a group about an item, more often about one with rivals."""
        return self.make(random.choice(self.rivalled if random.random() < RIVALLED else self.items), random)

    def _has_rival(self, item: NewsItem) -> bool:
        """Tell whether the sentence has another value of the same kind."""
        if isinstance(item.about, Event):
            return False
        a, b = next((a, b) for a, b in sentences(item.line) if a <= item.about.start < b)
        kind = unit_class(item.about.unit)
        return sum(unit_class(q.unit) == kind for q in quantities(item.line[a:b])) > 1

    def make(self, item: NewsItem, random: Random) -> Group:
        """Return a group about the item."""
        chars = random.randint(*CHARS)
        window, shift = self._around(item, chars, random)
        asked = self._asked(item, window, random)
        marks = self._marks(item, window, shift)
        gold = replace(window, answers=marks)
        others = [self._other(item, chars, random) for _ in range(random.choice((0, 1, 2, 2, 3)))]
        rivals = [one for one in others if one is not None and self._is_clear(item, one)][:2]
        how = random.random()
        if how > UNANSWERABLE:
            edited = self._edited(asked, gold, random) if random.random() < 0.08 else None
            asked, gold = edited or (asked, gold)
            return Group(asked, (gold, *rivals))
        if how < UNANSWERABLE * 0.55 and rivals:
            return Group(asked, tuple(rivals))
        missed = self._missed(item, asked, window, random)
        if missed is None:
            return Group(asked, tuple(rivals)) if rivals else Group(asked, (gold,))
        return Group(missed, (window, *(rivals if random.random() < 0.3 else ())))

    def _around(self, item: NewsItem, chars: int, random: Random) -> tuple[Window, int]:
        """Return a run of sentences around the item, with its title, and where it begins in the article."""
        spans, at = self.spans[item.article], item.start + item.about.start
        number = next(n for n, (a, b) in enumerate(spans) if a <= at < b)
        return self._run(item.article, number, chars, random)

    def _run(self, article: int, number: int, chars: int, random: Random) -> tuple[Window, int]:
        spans, row = self.spans[article], self.articles[article]
        first = last = number
        while True:
            ways = [n for n in (first - 1, last + 1) if 0 <= n < len(spans)]
            ways = [
                n
                for n in ways
                if max(spans[last][1], spans[n][1]) - min(spans[first][0], spans[n][0]) <= chars
            ]
            if not ways:
                break
            way = random.choice(ways)
            first, last = min(first, way), max(last, way)
        start, end = spans[first][0], spans[last][1]
        return Window(row["title"], row["text"][start:end]), start

    def _asked(self, item: NewsItem, window: Window, random: Random) -> str:
        about = item.about
        year = self.articles[item.article].get("date", "")[:4]
        said = f"{year}年" if year and not re.search(r"20\d\d年", window.text) else ""
        if isinstance(about, Event):
            return ask(about, random)
        several = window.text.count(about.subject) > 1
        asked = question(about, several, said, random)
        return in_other_words(asked, random) if random.random() < 0.15 else asked

    def _marks(self, item: NewsItem, window: Window, shift: int) -> tuple[tuple[int, int], ...]:
        """Return where the answer stands, also where the same is said again, perhaps rounded."""
        about, offset = item.about, item.start - shift
        found = {(offset + about.start, offset + about.end)}
        said = window.text[offset + about.start : offset + about.end]
        if isinstance(about, Fact):
            (value, *_) = quantities(said) or (None,)
            tail = set(bigrams(about.subject[-6:]))
            for q in quantities(window.text):
                before = set(bigrams(window.text[max(0, q.start - 14) : q.start]))
                if (
                    value is None
                    or not value.number
                    or about.kind not in ("level",)
                    or len(tail & before) < 2
                ):
                    continue
                again = window.text[q.core_start : q.core_end]
                rounded = again == said or (q.bound and _digits(again) < _digits(said))
                if (
                    unit_class(q.unit) == unit_class(value.unit)
                    and rounded
                    and abs(q.number / value.number - 1) < ROUNDED
                ):
                    found.add((q.core_start, q.core_end))
        elif about.kind in ("who", "where"):
            found |= {match.span() for match in re.finditer(re.escape(said), window.text)}
        return tuple(sorted(found))

    def _other(self, item: NewsItem, chars: int, random: Random) -> Window | None:
        """Return a window of the same article, or of another that says a value of something of like name."""
        about = item.about
        same = len(self.spans[item.article]) > 3 and random.random() < 0.5
        if same:
            number = random.randrange(len(self.spans[item.article]))
            return self._run(item.article, number, chars, random)[0]
        pair = about.subject[-2:] if isinstance(about, Fact) else ""
        if self.near.get(pair):
            article, number = random.choice(self.near[pair])
        else:
            article = random.randrange(len(self.articles))
            if not self.spans[article]:
                return None
            number = random.randrange(len(self.spans[article]))
        return self._run(article, number, chars, random)[0]

    def _is_clear(self, item: NewsItem, window: Window) -> bool:
        """Tell whether a window surely does not answer: the subject's words are not there."""
        about = item.about
        said = item.line[about.start : about.end]
        if said in window.text:
            return False
        if isinstance(about, Fact):
            return about.subject[-4:] not in window.text
        asked = set(bigrams(about.said.replace("◇", "")))
        return len(asked.intersection(bigrams(window.text))) < 0.4 * len(asked)

    def _edited(self, asked: str, gold: Window, random: Random) -> tuple[str, Window] | None:
        """Return question and window after the same edit, which keeps the answer; None if none applies."""
        near = [
            edit
            for edit in contrasts(asked, gold.title + gold.text, random)
            if len(edit.old) == len(edit.said)
        ]
        if not near:
            return None
        edit = random.choice(near)
        if any(edit.old in gold.text[a:b] for a, b in gold.answers):
            return None
        return apply(edit, asked), replace(gold, title=apply(edit, gold.title), text=apply(edit, gold.text))

    def _missed(self, item: NewsItem, asked: str, window: Window, random: Random) -> str | None:
        """Return a question that the window does not answer although it is about the same."""
        about, whole = item.about, window.title + window.text
        near = contrasts(asked, whole, random)
        ways = [apply(random.choice(near), asked)] * 2 if near else []
        if isinstance(about, Fact):
            lacked = lacking(about.subject, whole, random) if len(about.subject) <= LONGEST_LACKING else None
            ways += [lacked] if lacked else []
        elif about.kind == "who":
            office = other_office(about.said, whole, random)
            ways += [ask(replace(about, said=office), random)] if office else []
        return random.choice(ways) if ways else None


class SecondRound:
    """All groups of the round; a group depends on nothing but the data, the seed and its number."""

    shares: Mapping[str, int] = SHARES

    def __init__(self, data: Path, seed: int) -> None:
        """Read all sources."""
        self.seed = seed
        self.human = HumanData(data, seed)
        self.news = NewsData(data, self.human.bank.places)
        self.finance = [row for row in rows(data / "fewfc" / "qa.jsonl") if _is_whole(row)]
        self.types = defaultdict[str, list[int]](list)
        for number, row in enumerate(self.finance):
            self.types[row["type"]].append(number)
        self.alike = homophones(PINYIN.read_text("utf-8").splitlines())
        self.pattern = [name for name, share in self.shares.items() for _ in range(share)]

    def group(self, number: int) -> Group:
        """Return a group."""
        block, place = divmod(number, len(self.pattern))
        order = np.random.default_rng([self.seed, 1, block]).permutation(len(self.pattern))
        source = self.pattern[int(order[place])]
        random = Random(f"{self.seed} second {number}")
        if source == "human":
            before = block * self.shares["human"] + sum(
                self.pattern[int(n)] == "human" for n in order[:place]
            )
            return self._human(before, random)
        return self._dressed(getattr(self, f"_{source}")(random), random)

    def _human(self, number: int, random: Random) -> Group:
        group = self.human.group(number)
        answerable = any(window.answers for window in group.windows)
        if answerable and random.random() < 0.04:
            return replace(group, question=mistyped(group.question, self.alike, random))
        return group

    def _news(self, random: Random) -> Group:
        return self.news.draw(random)

    def _made(self, random: Random) -> Group:
        text = made(random, self.human.bank.places, random.random() < UNANSWERABLE)
        windows = [Window(text.title, text.text, text.answers)]
        if random.random() < 0.3:
            row = random.choice(self.news.articles)
            windows.append(Window(row["title"], row["text"][:150]))
        return Group(text.question, tuple(windows))

    def _finance(self, random: Random) -> Group:
        row = random.choice(self.finance)
        spans = tuple((a, b) for a, b in row["answer_spans"]) if row["answerable"] else ()
        windows = [Window("", row["context"], spans)]
        if not spans or random.random() < 0.6:
            other = self.finance[random.choice(self.types[row["type"]])]
            if not any(answer in other["context"] for answer in row["answers"]) and _apart(row, other):
                windows.append(Window("", other["context"]))
        if spans and len(windows) > 1 and random.random() < UNANSWERABLE:
            windows = windows[1:]
        return Group(row["question"], tuple(windows))

    def _dressed(self, group: Group, random: Random) -> Group:
        """Return the group with its windows in any order, sometimes without titles, in another script or with a slip."""
        windows, asked = list(group.windows), group.question
        random.shuffle(windows)
        if random.random() > TITLED:
            windows = [replace(window, title="") for window in windows]
        how = random.random()
        answerable = any(window.answers for window in windows)
        if how < 0.04 and answerable:
            asked = mistyped(asked, self.alike, random)
        elif how < 0.07:
            asked = other_script(asked)
        elif how < 0.10:
            windows = [replace(w, title=other_script(w.title), text=other_script(w.text)) for w in windows]
        elif how < 0.13:
            asked = restyled(asked, random)
        elif how < 0.16:
            windows = [replace(window, text=restyled(window.text, random)) for window in windows]
        return Group(asked, tuple(windows))


def _is_whole(row: dict[str, object]) -> bool:
    return bool(row["self_contained"] and row["one_answer"]) or not row["answerable"]


def _digits(said: str) -> int:
    return len(re.sub(r"\D", "", said).strip("0"))


def _apart(row: dict[str, str], other: dict[str, str]) -> bool:
    """Tell whether another text is about something else: it says less than half of the question."""
    asked = set(bigrams(row["question"]))
    return len(asked.intersection(bigrams(other["context"]))) < 0.5 * len(asked)


class ThirdRound(SecondRound):
    """The same with questions as staff ask them, and fewer made ones."""

    shares = THIRD_SHARES

    def __init__(self, data: Path, seed: int) -> None:
        """Read all sources."""
        super().__init__(data, seed)
        self.asked = AskedQuestions(data)

    def _asked(self, random: Random) -> Group:
        return self.asked.draw(random)


class FourthRound(ThirdRound):
    """The same with more questions as staff ask them."""

    shares = FOURTH_SHARES


class FifthRound(ThirdRound):
    """The same with more questions of people."""

    shares = FIFTH_SHARES
