from dataclasses import replace
from pathlib import Path

import pytest

from rag.index.build.builder import build
from rag.index.store import Store
from rag.records import Article, BlockKind
from rag.render.article_html import TAGS
from rag.verify import verify_all, verify_quote
from tests.support.fakes import FakeEmbedder

TEXT = "# 两镇粮食产量\n\n|镇名|产量（吨）|\n|---|---|\n|东河镇|18200|\n|西河镇|9600|\n\n全县共27800吨。\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    (folder := tmp_path / "news").mkdir()
    (folder / "a.md").write_text(TEXT, encoding="utf-8")
    embedder = FakeEmbedder()
    build([folder], tmp_path / "index", embedder)
    return Store.open(tmp_path / "index", embedder.name, embedder.dim)


def article(store: Store) -> Article:
    (row,) = store.catalogue.articles()
    return store.article(row.article_id)


def test_the_rows_of_a_table_verify(store: Store) -> None:
    assert all(check.ok for check in verify_all(store))
    found = article(store)
    block = next(b for b in found.blocks if b.kind is BlockKind.ROW)
    assert verify_quote(store, found.id, block.start, block.end, found.text[block.start : block.end]).ok


def test_a_row_whose_cells_stand_otherwise_in_the_file_does_not_verify(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = article(store)
    (table,) = found.tables
    swapped = replace(
        table, cells=(*table.cells[:2], replace(table.cells[2], end=table.cells[2].end - 1), *table.cells[3:])
    )
    monkeypatch.setattr(Store, "article", lambda self, ident: replace(found, tables=(swapped,)))
    (check,) = verify_all(store)
    assert check.reason == "the cells of a row do not stand so in the source"


def test_every_kind_of_block_has_its_place_on_the_page() -> None:
    assert set(TAGS) == set(BlockKind)
