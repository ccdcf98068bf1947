import os

import pytest

from benchmarks.faults import JOBS, Campaign, kills, unwritable
from tests.support.paths import open_to_all


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    return Campaign(tmp_path_factory.mktemp("faults"))


def test_killed_fifteen_times_an_index_is_the_old_or_the_new_one_and_comes_to_the_same_end(
    campaign: Campaign,
) -> None:
    seen = kills(campaign, 15)
    assert seen.pop("wrong") == 0, seen
    assert seen.total() == 15
    assert {line.partition(":")[0] for line in seen} == set(JOBS)


def test_an_index_that_may_not_be_written_is_one_sentence_and_stays(campaign: Campaign) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody who may not write")
    open_to_all(campaign.base)
    seen = unwritable(campaign)
    assert seen.pop("wrong") == 0, seen
