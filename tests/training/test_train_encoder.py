import numpy as np
import pytest


@pytest.fixture(autouse=True)
def _extra() -> None:
    """Skip without the extra; it takes seconds to import, so no worker does before it runs these."""
    pytest.importorskip("datasets", reason="needs the extra `training`")


def test_a_blend_lies_between_the_old_weights_and_the_new() -> None:
    from training.train_encoder import blend

    old, new = {"w": np.array([0.0, 2.0], np.float16)}, {"w": np.array([1.0, 4.0], np.float32)}
    assert blend(old, new, 0.25)["w"].tolist() == [0.25, 2.5]
    assert blend(old, new, 0)["w"].tolist() == [0.0, 2.0]
    assert blend(old, new, 1)["w"].dtype == np.float16


def test_every_article_is_asked_once_before_one_is_asked_twice() -> None:
    from training.encoder_pairs import Pair
    from training.train_encoder import spread

    pairs = [Pair("drcd", f"问{n}", "文", (name,)) for n, name in enumerate("甲甲乙甲丙乙")]
    assert [(pair.articles[0], pair.question) for pair in spread(pairs)] == [
        ("甲", "问0"),
        ("乙", "问2"),
        ("丙", "问4"),
        ("甲", "问1"),
        ("乙", "问5"),
        ("甲", "问3"),
    ]
