"""The command line: what goes to stdout, to stderr and into the exit code."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rag import __version__
from rag.cli.app import app
from rag.errors import RagError
from rag.index.build.builder import build
from rag.index.lock import writing
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.paths import ROOT

NEWS, INDEX = "新闻", "索引"
PARK = "滨江新区再添口袋公园\n\n截至2023年底，滨江新区已建成公园86座，其中口袋公园31座。\n"
HALL = "江北图书馆开馆\n\n5月4日，江北图书馆正式开馆，馆藏图书52万册。\n"


@dataclass(frozen=True)
class Run:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The JSON objects of stdout, one a line."""
        return [json.loads(line) for line in self.out.split("\n") if line]


def youju(*arguments: str | Path, text: str = "", environ: dict[str, str] | None = None) -> Run:
    """Run `python -m rag` as its own process, without any RAG_* of ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RAG_", "PYTHONUTF8"))}
    done = subprocess.run(
        [sys.executable, "-m", "rag", *map(str, arguments)],
        input=text.encode(),
        capture_output=True,
        env=kept | (environ or {}),
        cwd=ROOT,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def here(*arguments: str | Path, text: str = "") -> Run:
    """Run a command in this process, as `main` does: an error of ours is one sentence and exit code 1."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=text)
    if isinstance(result.exception, RagError):
        return Run(1, result.stdout, f"youju: {result.exception}\n")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Run(result.exit_code, result.stdout, result.stderr)


def is_one_sentence(run: Run) -> bool:
    """Tell whether a command failed with one sentence on stderr and nothing else."""
    lines = run.err.strip().split("\n")
    return run.code == 1 and len(lines) == 1 and lines[0].startswith("youju: ") and run.out == ""


@pytest.fixture(scope="module")
def pattern(remembered: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with news and their index, both built once: every test works on copies."""
    folder = tmp_path_factory.mktemp("pattern")
    (folder / NEWS).mkdir()
    (folder / NEWS / "公园.txt").write_text(PARK, encoding="utf-8")
    (folder / NEWS / "图书馆.txt").write_text(HALL, encoding="utf-8")
    assert here("build", folder / NEWS, "--index", folder / INDEX).code == 0
    return folder


@pytest.fixture
def news_folder(pattern: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pattern / NEWS, tmp_path / NEWS))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / INDEX


@pytest.fixture
def built(pattern: Path, index: Path, news_folder: Path) -> Path:
    return Path(shutil.copytree(pattern / INDEX, index))


pytestmark = [pytest.mark.model, pytest.mark.usefixtures("remembered")]


# --- build


def test_build_shows_progress_on_stderr_and_its_report_on_stdout(news_folder: Path, index: Path) -> None:
    run = youju("build", news_folder, "--index", index)
    assert run.code == 0
    assert run.out.startswith("2 articles in the index (2 added, 0 updated, 0 removed), ")
    for stage in ("Reading files", "Embedding passages", "Writing the index"):
        assert stage in run.err


def test_building_again_reads_and_embeds_only_what_is_new(built: Path, news_folder: Path) -> None:
    (again,) = here("build", "--index", built, "--json").rows
    assert (again["articles_unchanged"], again["articles_added"], again["passages"]) == (2, 0, 0)
    (news_folder / "车站.txt").write_text("城东车站启用\n\n城东车站设站台12座。\n", encoding="utf-8")
    (more,) = here("build", "--index", built, "--json").rows
    assert (more["articles"], more["articles_added"]) == (3, 1)
    assert more["passages"] <= 2


def test_build_without_paths_begins_with_the_seeds(index: Path) -> None:
    run = here("build", "--index", index, "--json")
    assert run.rows[0]["articles"] == 2
    (found,) = here("status", "--index", index, "--json").rows
    assert found["files"] == 2


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("空.txt", b"", "no"),
        ("图.txt", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" * 40, "not text"),
        ("没有", b"", "no"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_reason(
    index: Path, news_folder: Path, name: str, content: bytes, reason: str
) -> None:
    bad = news_folder / name
    bad.write_bytes(content)
    run = here("build", news_folder, bad, "--index", index)
    assert run.code == 0
    assert run.out.startswith("2 articles in the index")
    refused = [line for line in run.err.split("\n") if line.startswith("refused: ")]
    assert len(refused) == 1
    assert name in refused[0]
    assert reason in refused[0]


def test_a_missing_folder_is_named_and_nothing_else_is_lost(index: Path, tmp_path: Path) -> None:
    run = here("build", tmp_path / "没有这个文件夹", "--index", index)
    assert run.code == 1
    assert "没有这个文件夹" in run.err or "Nothing could be read" in run.err


def test_only_unreadable_files_make_exit_code_1(index: Path, tmp_path: Path) -> None:
    (tmp_path / "空.txt").write_bytes(b"")
    run = youju("build", tmp_path / "空.txt", "--index", index)
    assert run.code == 1
    assert "refused: " in run.err
    assert "youju: Nothing could be read" in run.err
    assert "Traceback" not in run.err


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_other_encodings_are_read_and_verify(index: Path, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "图书馆.txt"
    path.write_bytes((HALL * 3).encode(encoding))
    assert here("build", path, "--index", index).code == 0
    (answer,) = here("ask", "江北图书馆馆藏图书有多少册？", "--index", index, "--json").rows
    assert answer["answer"] == "52万册"
    assert here("verify", "--all", "--index", index).code == 0


@pytest.mark.slow
def test_one_line_of_five_megabytes_is_read(index: Path, tmp_path: Path) -> None:
    line = "滨江新区已建成公园86座，其中口袋公园31座。" * 90_000
    path = write_news(tmp_path / "长.jsonl", [{"title": "公园", "text": line}, {"text": "江北有桥12座。"}])
    assert path.stat().st_size > 5_000_000
    report = build([path], index, FakeEmbedder())
    assert (report.articles, report.refused) == (2, ())


def test_a_second_writer_gets_one_sentence(built: Path, news_folder: Path) -> None:
    with writing(built):
        run = youju("build", news_folder, "--index", built)
    assert is_one_sentence(run)
    assert "nother process" in run.err
    assert here("ask", "滨江新区有多少座公园？", "--index", built).code == 0


def test_an_index_of_another_embedder_names_the_way_out(index: Path, tmp_path: Path) -> None:
    build([write_news(tmp_path / "新闻.jsonl", news(3))], index, FakeEmbedder())
    for command in (("ask", "成都有多少基站？"), ("status",), ("build",), ("verify", "--all")):
        run = here(*command, "--index", index)
        assert is_one_sentence(run), command
        assert f"build --rebuild --index {index}" in run.err
    assert here("build", "--rebuild", "--index", index).code == 0
    assert here("status", "--index", index).code == 0


# --- status


def test_status_counts_and_names_the_models(built: Path) -> None:
    (found,) = here("status", "--index", built, "--json").rows
    assert (found["articles"], found["files"], found["refused"]) == (2, 2, [])
    assert found["generation"] == 1
    assert found["bytes"] > 1000
    assert found["embedder"]
    assert found["reader"]
    assert found["last_build"]["articles_added"] == 2


def test_status_tells_what_was_refused_and_why(built: Path, news_folder: Path) -> None:
    write_news(
        news_folder / "行.jsonl", [{"title": "好", "text": "江北有桥12座。"}, {"title": "坏", "text": ""}]
    )
    here("build", "--index", built)
    (found,) = here("status", "--index", built, "--json").rows
    (refused,) = found["refused"]
    assert refused["line"] == 2
    assert refused["reason"]
    assert "行.jsonl#2" in here("status", "--index", built).out


def test_the_version_is_that_of_the_package() -> None:
    assert here("--version").out == f"youju {__version__}\n"


# --- ask


@pytest.mark.parametrize("locale", ["C", "POSIX"])
def test_json_is_utf8_whatever_the_locale(built: Path, locale: str) -> None:
    environ = {"LANG": locale, "LC_ALL": locale, "PYTHONIOENCODING": "latin-1"}
    run = youju("ask", "滨江新区有多少座公园？", "--json", "--index", built, environ=environ)
    assert run.code == 0
    assert "86座" in run.out
    assert run.rows[0]["question"] == "滨江新区有多少座公园？"


def test_the_models_of_an_answer_do_not_need_torch(built: Path) -> None:
    code = (
        "import sys; from rag.cli.app import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'gradio', 'fastapi'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "ask", "滨江新区有多少座公园？", "--index", str(built)],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        check=True,
    )
    assert "86座" in done.stdout
    assert done.stderr.strip().endswith("[]")


def test_a_refusal_is_no_failure(built: Path) -> None:
    run = here("ask", "上海有多少座公园？", "--json", "--index", built)
    assert run.code == 0
    assert run.rows[0]["refused"]


def test_lines_of_stdin_are_answered_in_order_each_in_one_object(built: Path) -> None:
    lines = [
        "滨江新区有多少座公园？",
        "",
        "？？？",
        json.dumps({"question": "江北图书馆馆藏图书有多少册？", "today": "2024-06-01"}),
        json.dumps({"question": "江北图书馆馆藏图书有多少册？", "today": "昨天"}),
        json.dumps({"question": "江北图书馆馆藏图书有多少册？", "publishr": "滨江日报"}),
        json.dumps({"question": "江北图书馆馆藏图书有多少册？", "publisher": "没有的报"}),
        "{不是 JSON",
        "公园\u2028有多少座口袋公园？",
        "滨江" * 5000,
        "江北图书馆什么时候开馆？",
    ]
    run = youju("ask", "-", "--json", "--index", built, text="\n".join(lines))
    assert run.code == 0
    assert len(run.rows) == len(lines)
    codes = [row["error"]["code"] if "error" in row else "" for row in run.rows]
    bad = "bad_field"
    assert codes == ["", bad, bad, "", bad, bad, bad, "bad_json", "", bad, ""]
    assert [run.rows[i]["answer"] for i in (0, 3, 10)] == ["86座", "52万册", "5月4日"]
    assert all(run.rows[i]["question"] == lines[i] for i in (1, 2, 4, 5, 6, 7, 9))
    assert all(run.rows[i]["error"]["message"] for i in (1, 2, 4, 5, 6, 7, 9))


def test_lines_are_questions_of_their_own(built: Path) -> None:
    run = here("ask", "-", "--json", "--index", built, text="滨江新区有多少座公园？\n那口袋公园呢？\n")
    assert run.rows[1]["understood_as"] == "那口袋公园呢？"


def test_a_line_with_a_history_says_how_it_was_understood(built: Path) -> None:
    earlier = {"question": "滨江新区有多少座公园？", "answer": "86座"}
    body = {"question": "那口袋公园呢？", "history": [earlier]}
    line = json.dumps(body) + "\n"
    row = here("ask", "-", "--json", "--index", built, text=line).rows[0]
    assert row["understood_as"] != row["question"]
    assert "口袋公园" in row["understood_as"]
    assert "滨江新区" in row["understood_as"]
    assert f"我理解为：{row['understood_as']}" in here("ask", "-", "--index", built, text=line).out


def test_a_line_may_carry_its_history(built: Path) -> None:
    body = {"question": "那江北图书馆呢？", "history": [{"question": "滨江新区在哪里？", "answer": ""}]}
    run = here("ask", "-", "--json", "--index", built, text=json.dumps(body) + "\n")
    assert run.rows[0]["question"] == "那江北图书馆呢？"
    assert "error" not in run.rows[0]


def test_line_ends_inside_an_answer_are_escaped(built: Path) -> None:
    run = here(
        "ask", "-", "--json", "--index", built, text="滨江新区\u2028有多少座公园？\x85\n公园有多少座？\n"
    )
    assert len(run.out.splitlines()) == 2


def test_no_question_at_all_gives_nothing(built: Path) -> None:
    run = here("ask", "-", "--json", "--index", built, text="")
    assert (run.code, run.out) == (0, "")


def test_ask_for_people_shows_the_quote_and_its_source(built: Path) -> None:
    run = here("ask", "滨江新区有多少座公园？", "--index", built)
    assert run.code == 0
    assert "截至2023年底" in run.out
    assert "公园.txt" in run.out


def test_ask_explains_how_the_answer_came_about(built: Path) -> None:
    run = here("ask", "滨江新区有多少座公园？", "--index", built, "--explain")
    for words in ("公园.txt", "理解：", "词#1", "答案候选"):
        assert words in run.out
    (row,) = here("ask", "滨江新区有多少座公园？", "--index", built, "--explain", "--json").rows
    hits, choices = row["explain"]["hits"], row["explain"]["choices"]
    assert choices[0]["text"] == row["answer"]
    for one in (*hits, *choices):
        assert sum(feature["adds"] for feature in one["features"].values()) == pytest.approx(
            one["score"], abs=0.01
        )
    (plain,) = here("ask", "滨江新区有多少座公园？", "--index", built, "--json").rows
    assert "explain" not in plain
    assert {name: value for name, value in row.items() if name not in ("explain", "timings_ms")} == {
        name: value for name, value in plain.items() if name != "timings_ms"
    }


@pytest.mark.parametrize("question", ["", "？！", "长" * 10_000])
def test_a_question_that_cannot_be_asked_is_one_sentence(built: Path, question: str) -> None:
    assert is_one_sentence(here("ask", question, "--index", built))


def test_an_index_that_was_never_built_is_one_sentence(index: Path) -> None:
    for command in (("ask", "有多少？"), ("status",), ("verify", "--all"), ("remove", "abc")):
        run = here(*command, "--index", index)
        assert is_one_sentence(run), command
        assert "build" in run.err


def test_a_setting_that_cannot_be_read_is_one_sentence(built: Path) -> None:
    run = youju("ask", "有多少？", "--index", built, environ={"RAG_THREADS": "许多"})
    assert is_one_sentence(run)
    assert "RAG_THREADS has the value '许多'" in run.err


@pytest.mark.parametrize(
    "arguments",
    [("ask",), ("ask", "好", "-k", "0"), ("ask", "好", "--no"), ("nothing",), ("verify",), ("remove",)],
)
def test_wrong_usage_is_exit_code_2(arguments: tuple[str, ...]) -> None:
    assert here(*arguments).code == 2


def test_a_bad_date_is_one_sentence_that_shows_the_form(built: Path) -> None:
    run = here("ask", "滨江新区有多少座公园？", "--today", "2024/1/1", "--index", built)
    assert is_one_sentence(run)
    assert "YYYY-MM-DD" in run.err


# --- verify


def test_every_quote_of_an_answer_verifies(built: Path, tmp_path: Path) -> None:
    asked = here("ask", "-", "--json", "--index", built, text="滨江新区有多少座公园？\n上海有多少座公园？\n")
    answers = tmp_path / "answers.jsonl"
    answers.write_text(asked.out, encoding="utf-8")
    run = here("verify", answers, "--index", built, "--json")
    assert run.code == 0
    assert len(run.rows) >= 2
    assert all(row["ok"] for row in run.rows)
    assert f"{len(run.rows)} of {len(run.rows)} verified" in run.err


def test_a_quote_that_was_touched_fails(built: Path, tmp_path: Path) -> None:
    (answer,) = here("ask", "滨江新区有多少座公园？", "--json", "--index", built).rows
    answer["citations"][0]["quote"] = answer["citations"][0]["quote"].replace("86", "96")
    answers = tmp_path / "answers.jsonl"
    answers.write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")
    run = here("verify", answers, "--index", built)
    assert run.code == 1
    assert "the quote is not the article's text" in run.out


def test_lines_that_are_no_answers_are_one_sentence(built: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    for line in ("{}\nnot json\n", "[1]\n", '{"citations": [{"quote": "好"}]}\n', '{"citations": 3}\n'):
        answers.write_text(line, encoding="utf-8")
        run = here("verify", answers, "--index", built)
        assert is_one_sentence(run), line
        assert "no answer" in run.err


def test_a_file_of_answers_that_is_missing_is_one_sentence(built: Path, tmp_path: Path) -> None:
    run = here("verify", tmp_path / "没有.jsonl", "--index", built)
    assert run.code in (1, 2)
    assert "没有.jsonl" in run.err


def test_a_source_that_changed_fails_until_it_is_built_again(built: Path, news_folder: Path) -> None:
    assert here("verify", "--all", "--index", built).code == 0
    path = news_folder / "公园.txt"
    path.write_text(PARK.replace("86座", "96座"), encoding="utf-8")
    run = here("verify", "--all", "--index", built)
    assert run.code == 1
    assert "公园.txt" in run.out
    assert "1 of 2 verified" in run.out
    (answer,) = here("ask", "滨江新区有多少座公园？", "--json", "--index", built).rows
    assert answer["citations"][0]["verified"] == "source_changed"
    assert here("build", "--index", built).code == 0
    assert here("verify", "--all", "--index", built).code == 0
    (answer,) = here("ask", "滨江新区有多少座公园？", "--json", "--index", built).rows
    assert (answer["answer"], answer["citations"][0]["verified"]) == ("96座", "verified")


def test_a_source_that_is_gone_is_said_so(built: Path, news_folder: Path) -> None:
    (news_folder / "公园.txt").unlink()
    run = here("verify", "--all", "--index", built)
    assert run.code == 1
    assert "the source cannot be read" in run.out
    (answer,) = here("ask", "滨江新区有多少座公园？", "--json", "--index", built).rows
    assert answer["citations"][0]["verified"] == "source_missing"


def test_a_source_that_was_only_touched_stays_verified(built: Path, news_folder: Path) -> None:
    os.utime(news_folder / "公园.txt", (1, 1))
    (answer,) = here("ask", "滨江新区有多少座公园？", "--json", "--index", built).rows
    assert answer["citations"][0]["verified"] == "verified"


# --- remove


def test_what_is_removed_stays_out_until_it_is_restored(built: Path, news_folder: Path) -> None:
    path = news_folder / "公园.txt"
    run = here("remove", path, "--index", built)
    assert (run.code, run.out.split(",")[0]) == (0, "1 articles removed")
    (report,) = here("build", "--index", built, "--json").rows
    assert report["articles"] == 1
    (answer,) = here("ask", "滨江新区有多少座公园？", "--json", "--index", built).rows
    assert answer["refused"]
    (report,) = here("build", "--restore", "--index", built, "--json").rows
    assert report["articles"] == 2


def test_an_article_is_removed_by_the_id_an_answer_shows(built: Path) -> None:
    (answer,) = here("ask", "滨江新区有多少座公园？", "--json", "--index", built).rows
    assert here("remove", answer["citations"][0]["article_id"], "--index", built).code == 0
    (found,) = here("status", "--index", built, "--json").rows
    assert found["articles"] == 1


def test_removing_what_is_not_there_is_one_sentence(built: Path) -> None:
    run = here("remove", "没有这个", "--index", built)
    assert is_one_sentence(run)
    assert "没有这个" in run.err


def test_an_index_can_be_moved_with_its_sources(built: Path, news_folder: Path, tmp_path: Path) -> None:
    moved = tmp_path / "别处"
    moved.mkdir()
    shutil.move(built, moved / built.name)
    shutil.move(news_folder, moved / news_folder.name)
    assert here("verify", "--all", "--index", moved / built.name).code == 0


def test_nothing_read_from_the_named_paths_is_exit_code_1(
    built: Path, tmp_path: Path, news_folder: Path
) -> None:
    missing = tmp_path / "没有"
    (tmp_path / "空").mkdir()
    for paths in ([missing], [tmp_path / "空"], [missing, tmp_path / "空"]):
        run = here("build", *paths, "--index", built)
        assert run.code == 1
        assert all(str(path) in run.err for path in paths)
    assert here("build", missing, news_folder, "--index", built).code == 0


def test_lines_without_an_answer_are_counted_by_verify(built: Path) -> None:
    asked = here(
        "ask",
        "-",
        "--json",
        "--index",
        built,
        text="江北图书馆馆藏图书多少册？\n\n\n滨江新区已建成公园多少座？\n",
    )
    assert len(asked.rows) == 4
    run = here("verify", "-", "--index", built, text=asked.out + "\n  \n")
    assert run.code == 0
    assert "verified, 4 lines without an answer skipped" in run.out
    assert here("verify", "-", "--index", built, text="{}\n").code == 1
