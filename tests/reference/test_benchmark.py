import json

from clustersim.schedule import SCHEDULE
from experiments.benchmarks.against_twin import main


def test_benchmark_prints_one_json_document(capsys):
    assert main(["--firms", "150", "--quarters", "1", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert 120 < result["firms"] < 220
    assert result["firms"] < result["actors"]
    assert result["ratio"] > 1.0
    names = [mechanism.name for mechanism in SCHEDULE]
    assert list(result["engine_by_mechanism"]) == list(result["twin_by_mechanism"]) == names


def test_benchmark_prints_a_table(capsys):
    assert main(["--firms", "150", "--quarters", "1"]) == 0
    printed = capsys.readouterr().out
    assert "whole quarter" in printed
    assert "collaboration" in printed
