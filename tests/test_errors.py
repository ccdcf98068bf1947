import rag.errors
from rag.errors import AskError, RagError


def test_every_error_is_in_the_tree_with_a_code_of_its_own() -> None:
    kinds = [getattr(rag.errors, name) for name in rag.errors.__all__]
    assert all(issubclass(kind, RagError) for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
    tree = str(rag.errors.__doc__)
    assert all(kind.__name__ in tree for kind in kinds)


def test_the_tree_is_drawn_as_it_is() -> None:
    depth: list[str] = []
    for line in str(rag.errors.__doc__).split("\n"):
        word = line.lstrip("│ ├└─").split(" ")[0]
        if word in rag.errors.__all__:
            level = (len(line) - len(line.lstrip("│ ├└─"))) // 4
            depth = [*depth[:level], word]
            parent = depth[level - 1] if level else "Exception"
            assert getattr(rag.errors, word).__bases__[0].__name__ == parent


def test_a_reader_always_sees_chinese() -> None:
    assert AskError("The question is empty.", "请输入问题。").message == "请输入问题。"
    assert AskError("The question is empty.").message == AskError.spoken  # never English
    assert str(AskError("The question is empty.", "请输入问题。")) == "The question is empty."
