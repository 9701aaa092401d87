"""Structure at the end of a run agrees with networkx and with sums by hand."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from clustersim.experiments.result import RunResult
from clustersim.experiments.run import run
from clustersim.measures.concentration import herfindahl

SCENARIO = Path(__file__).parent / "data" / "valleys.yaml"


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run(SCENARIO, years=4)


def test_network_measures_agree_with_networkx(result: RunResult) -> None:
    ties = result.frame("ties")
    ties = ties[ties["layer"] == "collaboration"]
    graph = nx.Graph(list(zip(ties["first"], ties["second"], strict=True)))
    giant = graph.subgraph(max(nx.connected_components(graph), key=len))
    found = result.network()
    assert found["actors"] == graph.number_of_nodes()
    assert found["ties"] == graph.number_of_edges() == len(ties)
    assert found["mean_degree"] == pytest.approx(2 * len(ties) / graph.number_of_nodes())
    assert found["clustering"] == pytest.approx(nx.average_clustering(graph))
    assert found["path_length"] == pytest.approx(nx.average_shortest_path_length(giant))
    assert found["giant_share"] == pytest.approx(len(giant) / len(graph))
    assert found["assortativity"] == pytest.approx(nx.degree_assortativity_coefficient(graph))
    region = result.frame("actors").set_index("id")["region"]
    within = [region[a] == region[b] for a, b in graph.edges]
    assert found["within_region"] == pytest.approx(np.mean(within))
    assert found["within_cluster"] <= found["within_region"]
    assert found["mean_trust"] == pytest.approx(ties["trust"].mean())


def test_regions_and_sectors_add_up_to_the_last_record(result: RunResult) -> None:
    clusters = result.frame("clusters")
    last = clusters[clusters["quarter"] == clusters["quarter"].max()]
    jobs = last.pivot_table("jobs", "region", "sector", aggfunc="sum")
    regions = result.region_structure().set_index("region")
    sectors = result.sector_structure().set_index("sector")
    for name, row in jobs.iterrows():
        assert regions.loc[name, "jobs"] == pytest.approx(row.sum())
        assert regions.loc[name, "herfindahl"] == pytest.approx(herfindahl(row.to_numpy()))
    for name, column in jobs.items():
        assert sectors.loc[name, "jobs"] == pytest.approx(column.sum())
    assert (regions["krugman"].between(0, 2)).all()
    assert (regions["related_variety"] > 0).any()


def test_a_run_without_collaboration_has_no_network_to_measure() -> None:
    alone = run(
        SCENARIO, years=1, overrides={"world.founders.ties": 0, "collaboration.enabled": False}
    )
    found = alone.network()
    assert found["ties"] == 0
    assert np.isnan(found["path_length"])
