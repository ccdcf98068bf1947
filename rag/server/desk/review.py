"""From what readers said and were not told to rows for an evaluation."""

from collections.abc import Iterator
from typing import Any

from rag.errors import AskError, EditError
from rag.render.desk.inbox_html import InboxItem
from rag.server.desk.inbox import Inbox
from rag.server.feedback import Feedback, FeedbackStore, evaluation_rows

__all__ = ["Review"]

MAX_ANSWER = 500
"""Characters of the answer that an editor says is right."""


class Review:
    """The feedback and the refused questions that nobody has dealt with yet."""

    def __init__(self, feedback: FeedbackStore, inbox: Inbox) -> None:
        self.feedback = feedback
        self.inbox = inbox

    def judged(self) -> list[InboxItem]:
        """Return what readers said, the latest first."""
        handled = self.inbox.handled()
        waiting = [one for one in self.feedback.entries() if _ident(one) not in handled]
        return [_judged(one) for one in reversed(waiting)]

    def unanswered(self) -> list[InboxItem]:
        """Return the refused questions that were kept, the most asked first."""
        found = self.inbox.unanswered()
        return [
            InboxItem(one.ident, one.question, one.reason, one.at, one.count, refused=True) for one in found
        ]

    def make_row(self, ident: str, answer: str, unanswerable: bool, by: str) -> None:
        """Make a row of an item; without `answer` the one that the item has, or none where it is `unanswerable`.

        Raises EditError where there is no such item or nothing says what is right.
        """
        if len(answer) > MAX_ANSWER:
            raise AskError(
                f"answer has more than {MAX_ANSWER} characters.", f"答案应在 {MAX_ANSWER} 字以内。"
            )
        row = self._row(ident)
        if unanswerable:
            row |= {"answers": [], "answerable": False, "article_ids": []}
        elif answer.strip():
            row |= {"answers": [answer.strip()], "answerable": True}
        elif not row["answers"] and row["answerable"]:
            raise EditError(
                "Nothing says what is right: give the answer, or say that there is none.",
                "请填写应有的答案，或者选“库中没有答案”。",
            )
        self.inbox.handle(ident, by, row)

    def dismiss(self, ident: str, by: str) -> None:
        """Note that nothing comes of an item; raises EditError where there is none."""
        self._row(ident)
        self.inbox.handle(ident, by)

    def _row(self, ident: str) -> dict[str, Any]:
        row = next((row for name, row in self._possible() if name == ident), None)
        if row is None:
            raise EditError(f"No item is called {ident[:80]!r}.", "这一条已经处理过了，请刷新页面。")
        return row

    def _possible(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for one in self.feedback.entries():
            for row in evaluation_rows([one], everything=True):
                yield _ident(one), row
        for kept in self.inbox.unanswered():
            yield (
                kept.ident,
                {"id": kept.ident, "question": kept.question, "answers": [], "answerable": True, "article_ids": [], "type": "refused"},
            )  # fmt: skip


def _ident(one: Feedback) -> str:
    return f"feedback-{one.id}"


def _judged(one: Feedback) -> InboxItem:
    answer, said = one.answer, str(one.answer.get("answer") or "")
    fits = one.verdict != "inaccurate"
    return InboxItem(
        _ident(one),
        one.question,
        str(answer.get("text") or ""),
        one.at,
        verdict=one.verdict,
        comment=one.comment,
        expected=one.expected or (said if fits else ""),
        refused=bool(answer.get("refused")),
        given=one.given,
        user=one.user,
    )
