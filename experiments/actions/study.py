"""Every action of policy tried on a country, against the same country without it.

Run it from the root of the checkout: ``python -m experiments.actions.study --help``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from clustersim.experiments.actions.expected import EXPECTED
from clustersim.experiments.actions.trial import BEGINS, LASTS, PLENTY, Trial
from clustersim.experiments.actions.verdicts import Verdict, judge, words

STORED: Final = Path(__file__).parent / "effects.json"
"""The stored result of 20 seeds."""


def document(scenario: str, seeds: int, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the result as one document."""
    return {
        "scenario": scenario,
        "seeds": seeds,
        "begins": BEGINS,
        "lasts": LASTS,
        "plenty": PLENTY,
        "effects": [verdict.to_dict() for verdict in verdicts],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study from the command line; 1 if an action does not do what is expected."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scenario", default="base", help="what the actions are tried on")
    parser.add_argument("--seeds", type=int, default=20, help="seeds, from 1 on (20)")
    parser.add_argument("--workers", type=int, help="processes; as many as cores if not given")
    parser.add_argument("--action", action="append", help="only this one; may be given repeatedly")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--out", type=Path, help="also write the document to this file")
    options = parser.parse_args(arguments)
    if options.seeds < 2:  # noqa: PLR2004  # one seed has no interval
        parser.error("--seeds must be at least 2")
    names = {one.action for one in EXPECTED}
    unknown = set(options.action or ()) - names
    if unknown:
        parser.error(f"--action: nothing is expected of {', '.join(sorted(unknown))}")
    expected = [one for one in EXPECTED if one.action in (options.action or names)]
    trials = [Trial(options.scenario, seed) for seed in range(1, options.seeds + 1)]
    verdicts = judge(trials, expected, workers=options.workers)
    found = json.dumps(document(options.scenario, options.seeds, verdicts), indent=2) + "\n"
    if options.out is not None:
        options.out.write_text(found, encoding="utf-8")
    if options.json:
        sys.stdout.write(found)
    else:
        for one in verdicts:
            sys.stdout.write(
                f"{one.expected.action:26s}{one.expected.outcome:14s}{words(one):34s} "
                f"least {one.expected.least:+.4g}  p {one.p:.1g}  {'ok' if one.passed else 'NO'}\n"
            )
    return 0 if all(one.passed for one in verdicts) else 1


if __name__ == "__main__":
    sys.exit(main())
