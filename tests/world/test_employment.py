import numpy as np
import pytest

from clustersim.world.employment import EmploymentTable


def table(**changes):
    given = {
        "regions": ("North", "South"),
        "sectors": ("Cars", "Ships", "Trade"),
        "jobs": [[1, 2, 3], [4, 0, 6]],
    }
    return EmploymentTable(**{**given, **changes})


def test_holds_what_it_is_given():
    t = table(firms=[[1, np.nan, 1], [2, 0, 3]], x=[-5, 5], y=[0, 1], year=2020, missing=1)
    assert (t.n_regions, t.n_sectors, t.total_jobs) == (2, 3, 16)
    assert t.region_jobs.tolist() == [6, 10]
    assert t.sector_jobs.tolist() == [5, 2, 9]
    assert t.jobs.dtype == np.float64
    assert np.isnan(t.firms[0, 1])
    assert t.x.tolist() == [-5, 5]
    assert t.area_km2 is None
    assert t.population is None


def test_does_not_share_memory_and_is_read_only():
    jobs = np.ones((2, 3))
    t = table(jobs=jobs)
    jobs[:] = 7
    assert t.total_jobs == 6
    with pytest.raises(ValueError, match="read-only"):
        t.jobs[0, 0] = 1
    with pytest.raises(AttributeError):
        t.year = 2000


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jobs": [[1, 2, 3]]}, r"jobs: shape \(1, 3\), expected \(2, 3\)"),
        ({"jobs": None}, "jobs: None"),
        ({"jobs": [[1, 2, 3], [4, "many", 6]]}, "cannot be read as an array of numbers"),
        ({"jobs": [[1, 2, 3], [4, -1, 6]]}, r"jobs\[\(1, 1\)\]: -1.0, expected finite"),
        ({"jobs": [[1, 2, 3], [4, np.nan, 6]]}, r"jobs\[\(1, 1\)\]: nan"),
        ({"jobs": [[1, 2, 3], [4, np.inf, 6]]}, r"jobs\[\(1, 1\)\]: inf"),
        ({"firms": [[1, 2, 3], [4, np.inf, 6]]}, r"firms\[\(1, 1\)\]: inf"),
        ({"firms": [[1, 2, 3], [4, -2, 6]]}, r"firms\[\(1, 1\)\]: -2.0"),
        ({"population": [1]}, r"population: shape \(1,\)"),
        ({"area_km2": [1, -1]}, r"area_km2\[\(1,\)\]: -1.0"),
        ({"x": [1, np.nan], "y": [1, 1]}, r"x\[\(1,\)\]: nan, expected finite numbers$"),
        ({"x": [1, 2]}, "both x and y"),
        ({"regions": ("North", "North")}, "'North' occurs more than once"),
        ({"regions": ("North", " ")}, r"regions\[1\]: ' ' is not a name"),
        ({"sectors": ("Cars", 7, "Trade")}, r"sectors\[1\]: 7 is not a name"),
        ({"regions": (), "jobs": np.zeros((0, 3))}, "regions: none given"),
        ({"missing": 7}, "7 absent cells, but the table has 6"),
        ({"missing": -1}, "-1 absent cells"),
    ],
)
def test_refuses_what_makes_no_sense(changes, message):
    with pytest.raises(ValueError, match=message):
        table(**changes)
