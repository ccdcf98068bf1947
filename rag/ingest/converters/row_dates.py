"""The date of a row as lists, databases and programs write it → ISO."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from rag.ingest.cleaning.credits_and_captions import read_date

__all__ = ["row_date"]

# Chinese news is dated in China, whatever the zone in which a program writes the moment down.
CHINA = timezone(timedelta(hours=8))
FIRST_YEAR, LAST_YEAR = 1900, 2100

_packed = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:[T ]?\d{4}(?:\d\d)?)?")
_epoch = re.compile(r"(\d{9,10})(?:\d{3})?(?:\.\d{1,9})?")
_moment = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)? ?(?:Z|[+-]\d\d:?\d\d)")
_day_last = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)\d\d)(?: .{0,20})?")
_full = re.compile(r"(?:19|20)\d\d")


def row_date(text: str) -> str:
    """Return the ISO form of a date, in China's zone where a moment names one; "" for what is no date.

    A number of 8 or 14 digits is a date, one of 10 or 13 seconds or milliseconds since 1970. 03/04/2024 could be two
    days and is none.

    >>> row_date("20240502"), row_date("1714608000"), row_date("2024-04-30T16:00:00Z"), row_date("2025-13-45")
    ('2024-05-02', '2024-05-02', '2024-05-01', '')
    """
    text = " ".join(text.split())
    if found := _packed.fullmatch(text):
        return _iso(*map(int, found.groups()))
    if found := _epoch.fullmatch(text):
        return _in_china(datetime.fromtimestamp(int(found[1]), UTC))
    if _moment.fullmatch(text):
        try:
            return _in_china(
                datetime.fromisoformat(text.replace(",", ".").replace(" +", "+").replace(" Z", "Z"))
            )
        except ValueError:
            return ""
    if found := _day_last.fullmatch(text):
        one, other, year = int(found[1]), int(found[3]), int(found[4])
        if min(one, other) <= 12 < max(one, other) or one == other:
            return _iso(year, min(one, other), max(one, other))
        return ""
    return read_date(text) or _from_mail(text)


def _from_mail(text: str) -> str:
    """Read a date as mails and feeds write it: Thu, 02 May 2024 10:00:00 GMT."""
    if not _full.search(text):
        return ""
    try:
        moment = parsedate_to_datetime(text[:80])
    except (ValueError, OverflowError):
        return _in_english(text)
    return _in_china(moment) if moment.tzinfo else moment.date().isoformat()


def _in_english(text: str) -> str:
    """Read May 2, 2024 or 2 May 2024."""
    for form in ("%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y"):
        try:
            return datetime.strptime(text.replace(".", ""), form).date().isoformat()
        except ValueError:
            continue
    return ""


def _in_china(moment: datetime) -> str:
    day = moment.astimezone(CHINA).date()
    return day.isoformat() if FIRST_YEAR <= day.year <= LAST_YEAR else ""


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""
