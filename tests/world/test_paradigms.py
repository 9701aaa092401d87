import numpy as np
import pytest

from clustersim.world.paradigms import coming_relevance, relevance
from tests.worlds import empty_world, paradigm

ROW = (paradigm((1, 0)), paradigm((0, 1), year=2020.0, width=4.0))


def sectors():
    return empty_world(((1.0, 1.0),), paradigms=[ROW, ROW], start_year=2000).sectors


def test_what_comes_is_the_relevance_of_a_later_year():
    those = sectors()
    those.relevance[:] = relevance(those, 2015.0)
    coming = coming_relevance(those, 2015.0, 5.0)
    assert coming == pytest.approx(np.full((2, 2), 0.5))
    assert np.array_equal(coming_relevance(those, 2015.0, 0.0), those.relevance)


def test_nothing_is_to_be_foreseen_where_no_paradigm_comes():
    those = sectors()
    those.relevance[0] = relevance(those, 2015.0)[0]
    assert those.relevance[1].tolist() == [1.0, 0.0]  # as it was founded
    coming = coming_relevance(those, 2015.0, 5.0)
    assert coming[0] == pytest.approx([0.5, 0.5])
    assert coming[1].tolist() == [1.0, 0.0]
