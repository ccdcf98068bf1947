"""Reading question files: every format, and one sentence for what cannot be asked."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from rag.errors import EvalError
from rag.evaluation.questions import BadRow, Question, questions_digest, read_questions, sample

TABLE = 'id,question,answers,articles\nq1,滨江新区有多少公园？,超86座|86座,park.txt\nq2,"江北图书馆，何时开馆？",5月4日,hall.txt\n'


def write(path: Path, *rows: Any) -> Path:
    path.write_bytes(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows))
    return path


def only(path: Path) -> Question:
    [question] = read_questions([path]).questions
    return question


def refusal(path: Path, *rows: Any) -> str:
    """Return why the second row is not asked; the first is good."""
    good = {"id": "good", "question": "好吗？", "answers": ["好"]}
    found = read_questions([write(path, good, *rows)])
    assert [question.id for question in found.questions] == ["good"]
    [bad] = found.bad
    assert bad.line == 2
    assert bad.file == path.name
    return bad.reason


def test_a_line_of_json_has_every_field(tmp_path: Path) -> None:
    row = {
        "id": "q1",
        "question": "那4G呢？",
        "answers": ["约7.8万个", "7.8万个", "7.8万个"],
        "answerable": True,
        "articles": ["a.txt"],
        "answer_groups": [["约7.8万个", "7.8万个"], ["超8万个"]],
        "qualifiers": ["截至2023年底"],
        "question_date": "2024-11-12",
        "turns": ["成都有多少5G基站？", "那4G呢？"],
        "qtype": "number",
        "silver": True,
        "unknown": [1],
    }
    assert only(write(tmp_path / "q.jsonl", row)) == Question(
        id="q1",
        question="那4G呢？",
        answers=("约7.8万个", "7.8万个"),
        article_ids=("a.txt",),
        answer_groups=(("约7.8万个", "7.8万个"), ("超8万个",)),
        qualifiers=("截至2023年底",),
        turns=("成都有多少5G基站？",),
        question_date="2024-11-12",
        type="number",
        silver=True,
    )


def test_article_ids_go_before_articles(tmp_path: Path) -> None:
    row = {"question": "问", "answers": ["答"], "article_ids": ["a"], "articles": ["b"]}
    assert only(write(tmp_path / "q.jsonl", row)).article_ids == ("a",)


def test_lines_end_at_line_feeds_alone(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes('{"question": "一\u2028二", "answers": ["三"]}\r\n\n'.encode())
    assert only(path).question == "一\u2028二"


def test_a_row_without_an_id_is_named_by_its_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "春天.jsonl"
    path.write_bytes(b"\n" + json.dumps({"question": "q", "answers": ["a"]}).encode())
    assert only(path).id == "春天-2"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_table_is_read_as_excel_writes_it(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "q.csv"
    path.write_bytes(TABLE.replace("\n", "\r\n").encode(encoding))
    first, second = read_questions([path]).questions
    assert first == Question("q1", "滨江新区有多少公园？", ("超86座", "86座"), article_ids=("park.txt",))
    assert second.question == "江北图书馆，何时开馆？"


@pytest.mark.parametrize("mark", [";", "\t"])
def test_a_table_may_have_other_marks_between_its_cells(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "q.csv"
    path.write_text(f"question{mark}answers\n何时开馆，{mark}5月4日\n", encoding="utf-8")
    assert only(path).question == "何时开馆，"


def test_a_table_may_have_chinese_names_and_lists_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(
        "编号,问题,答案,可回答,answer_groups,turns\n"
        "1,,,是,雅安;达州|达州市,接入了哪些地方|还有呢\n"
        "2,谁来了,,否,,\n",
        encoding="gbk",
    )
    first, second = read_questions([path]).questions
    assert first.answer_groups == (("雅安",), ("达州", "达州市"))
    assert (first.question, first.turns) == ("还有呢", ("接入了哪些地方",))
    assert not second.answerable


def test_a_bad_row_of_a_table_is_named_by_the_line_it_begins_in(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text(
        'id,question,answers\n1,"分两\n行",好\n2,多,一,格\n3,,好\n4,问,\n5,问,答\n', encoding="utf-8"
    )
    found = read_questions([path])
    assert [question.id for question in found.questions] == ["1", "5"]
    assert [(bad.line, bad.reason) for bad in found.bad] == [
        (4, "has 4 cells under 3 names: quote cells with commas"),
        (5, "has no question"),
        (6, "has no answers: give some, or answerable = false"),
    ]


def test_a_table_without_the_column_question_says_which_it_has(tmp_path: Path) -> None:
    path = tmp_path / "q.csv"
    path.write_text("frage,answers\n何时,5月\n", encoding="utf-8")
    with pytest.raises(EvalError, match=r"has no column with the questions; its columns are frage, answers"):
        read_questions([path])


SQUAD = {
    "version": "v1",
    "data": [
        {
            "title": "图书馆",
            "id": "T",
            "paragraphs": [
                {
                    "id": "P1",
                    "context": "江北图书馆5月4日开馆。",
                    "qas": [
                        {
                            "id": "Q1",
                            "question": "何时开馆？",
                            "answers": [{"text": "5月4日", "answer_start": 5}],
                        },
                        {"id": "Q2", "question": "谁开的？", "answers": [], "is_impossible": True},
                    ],
                }
            ],
        }
    ],
}
CMRC = [
    {
        "context_id": "C1",
        "title": "图书馆",
        "context_text": "江北图书馆5月4日开馆。",
        "qas": [{"query_id": "Q1", "query_text": "何时开馆？", "answers": ["5月4日", "5月4日开馆"]}],
    }
]


def test_squad_json_brings_its_article_along(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    path.write_text(json.dumps(SQUAD, ensure_ascii=False), encoding="utf-8")
    first, second = read_questions([path]).questions
    assert first == Question(
        "Q1", "何时开馆？", ("5月4日",), article_ids=("P1",), title="图书馆", context="江北图书馆5月4日开馆。"
    )
    assert not second.answerable


def test_older_cmrc_json_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "trial.json"
    path.write_text(json.dumps(CMRC, ensure_ascii=False), encoding="utf-8-sig")
    found = only(path)
    assert (found.id, found.article_ids, found.answers) == ("Q1", ("C1",), ("5月4日", "5月4日开馆"))


def test_a_json_file_of_lines_is_read_as_lines(tmp_path: Path) -> None:
    rows = [{"id": str(n), "question": "问", "answers": ["答"]} for n in range(2)]
    assert len(read_questions([write(tmp_path / "q.json", *rows)]).questions) == 2


@pytest.mark.parametrize("data", [{"rows": []}, "text", {"data": []}, {"data": [{"title": "空"}]}])
def test_other_json_is_refused_in_a_sentence(tmp_path: Path, data: Any) -> None:
    path = tmp_path / "q.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(EvalError, match=r"SQuAD|has no context"):
        read_questions([path])


@pytest.mark.parametrize(
    ("answers", "read"),
    [
        ("5月4日", ("5月4日",)),
        (52, ("52",)),
        ([52, 3.5], ("52", "3.5")),
        ({"text": ["5月4日"], "answer_start": [3]}, ("5月4日",)),
        ([{"text": "5月4日"}], ("5月4日",)),
        (["", " 好 "], ("好",)),
    ],
)
def test_answers_are_read_in_every_usual_form(tmp_path: Path, answers: Any, read: tuple[str, ...]) -> None:
    assert only(write(tmp_path / "q.jsonl", {"question": "问", "answers": answers})).answers == read


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([1], "is no JSON object"),
        ({"answers": ["好"]}, "has no question"),
        ({"question": "  ", "answers": ["好"]}, "has no question"),
        ({"question": ["好"], "answers": ["好"]}, "its question cannot be read as text: ['好']"),
        ({"question": "问", "answers": [["好"]]}, "its answers cannot be read as text: ['好']"),
        ({"question": "问", "answers": {"span": "好"}}, "its answers cannot be read as text: {'span': '好'}"),
        ({"question": "问", "answers": [True]}, "its answers cannot be read as text: True"),
        ({"question": "问"}, "has no answers: give some, or answerable = false"),
        ({"question": "问", "answers": ["好"], "answerable": "也许"}, "has answerable = '也许': write true or false"),
        ({"question": "问", "answers": ["好"], "answer_groups": "好"}, "has answer_groups that are no list: '好'"),
        ({"question": "问", "answers": ["好"], "question_date": "昨天"}, "has the question_date '昨天': write YYYY-MM-DD"),
        ({"id": "good", "question": "问", "answers": ["好"]}, "has the id 'good' of line 1"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_asked_is_named_and_the_rest_goes_on(
    tmp_path: Path, row: Any, reason: str
) -> None:
    assert refusal(tmp_path / "q.jsonl", row) == reason


def test_a_torn_line_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "q.jsonl", {"question": "问", "answers": ["好"]})
    path.write_bytes(path.read_bytes() + b'{"question": ')
    assert read_questions([path]).bad == (BadRow("q.jsonl", 2, "is not JSON"),)


def test_answerable_rows_may_have_no_answers_to_compare(tmp_path: Path) -> None:
    assert only(write(tmp_path / "q.jsonl", {"question": "问", "answers": [], "answerable": True})).answerable


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("q.jsonl", b"", "q.jsonl is empty"),
        ("q.csv", b"\xef\xbb\xbf\r\n", "q.csv is empty"),
        ("q.doc", b"PK", r"q.doc is no question file: known are .csv .json .jsonl .xlsx"),
        ("q.jsonl", b"[]", "line 1: is no JSON object"),
        ("q.csv", b"question\n\xff\xff\xff", "is neither UTF-8 nor GBK"),
    ],
)
def test_a_file_with_nothing_to_ask_is_one_sentence(
    tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(EvalError, match=sentence):
        read_questions([path])


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(EvalError, match=r"no\.jsonl cannot be read: No such file"):
        read_questions([tmp_path / "no.jsonl"])


def test_a_bad_file_beside_a_good_one_is_named(tmp_path: Path) -> None:
    good = write(tmp_path / "a.jsonl", {"question": "问", "answers": ["好"]})
    found = read_questions([good, tmp_path / "b.jsonl"])
    assert len(found.questions) == 1
    assert "b.jsonl cannot be read" in str(found.bad[0])


def test_two_files_may_use_the_same_ids(tmp_path: Path) -> None:
    row = {"id": "1", "question": "问", "answers": ["好"]}
    files = [write(tmp_path / "a.jsonl", row), write(tmp_path / "b.jsonl", row)]
    assert [question.id for question in read_questions(files).questions] == ["1", "b#1"]


def test_a_sample_is_drawn_by_its_seed_and_keeps_the_order() -> None:
    questions = [Question(str(n), "问") for n in range(50)]
    drawn = sample(questions, 10, seed=3)
    assert drawn == sample(questions, 10, seed=3) != sample(questions, 10, seed=4)
    assert [int(q.id) for q in drawn] == sorted(int(q.id) for q in drawn)
    assert sample(questions, 0, seed=3) == sample(questions, 99, seed=3) == questions


def test_the_digest_of_questions_changes_with_what_is_expected() -> None:
    one = Question("1", "问", ("答",))
    assert questions_digest([one]) == questions_digest([Question("1", "问", ("答",))])
    assert questions_digest([one]) != questions_digest([Question("1", "问", ("答案",))])


# Files of other tools, and of newsrooms


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("提问", "标准答案"),
        ("问题", "参考答案"),
        ("user_input", "reference"),
        ("question", "ground_truth"),
        ("Question", "Answer"),
        ("question", "__expected"),
        ("input", "expected_output"),
    ],
)
def test_headings_of_other_tools_are_known_in_every_kind_of_file(
    tmp_path: Path, question: str, answer: str
) -> None:
    rows = [{question: "成都有多少5G基站？", answer: "8万个"}, {question: "几座公园？", answer: "31座"}]
    (tmp_path / "a.csv").write_text(
        "\n".join([f"{question},{answer}", *(",".join(row.values()) for row in rows)]), encoding="utf-8"
    )
    (tmp_path / "b.jsonl").write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    (tmp_path / "c.json").write_text(json.dumps(rows), encoding="utf-8")
    book = openpyxl.Workbook()
    for line in ([question, answer], *(list(row.values()) for row in rows)):
        book.active.append(line)
    book.save(tmp_path / "d.xlsx")
    for name in ("a.csv", "b.jsonl", "c.json", "d.xlsx"):
        found = read_questions([tmp_path / name])
        assert [(one.question, one.answers) for one in found.questions] == [
            *(("成都有多少5G基站？", ("8万个",)), ("几座公园？", ("31座",)))
        ], name
        assert found.bad == ()


def test_promptfoo_says_how_an_answer_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "question,__expected\n一？,equals: 8万个\n二？,icontains:31座\n三？,llm-rubric: 得体\n",
        encoding="utf-8",
    )
    found = read_questions([path])
    assert [one.answers for one in found.questions] == [("8万个",), ("31座",)]
    assert "llm-rubric" in str(found.bad[0])


def test_a_heading_that_is_misread_is_told_with_those_that_are_known(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("题干,答语\n一？,二\n", encoding="utf-8")
    with pytest.raises(EvalError) as raised:
        read_questions([path])
    assert all(word in str(raised.value) for word in ("题干", "question", "标准答案"))


def test_an_excel_file_that_is_empty_or_none_says_so(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    (tmp_path / "b.xlsx").write_bytes(b"no excel")
    for name, said in (("a.xlsx", "is empty"), ("b.xlsx", "is not an Excel file")):
        with pytest.raises(EvalError, match=said):
            read_questions([tmp_path / name])


def test_sheets_beside_the_questions_are_left_out(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明", "请填写"])
    sheet = book.create_sheet("题目")
    for line in (["问题", "答案"], ["一？", 31], ["二？", "甲|乙"]):
        sheet.append(line)
    book.save(tmp_path / "a.xlsx")
    found = read_questions([tmp_path / "a.xlsx"])
    assert [one.answers for one in found.questions] == [("31",), ("甲", "乙")]
