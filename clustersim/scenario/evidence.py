"""Presets for where the evidence disagrees: what a scenario names under `evidence:`.

A preset is a few values of parameters that stand for one side of a disagreement. It lies under the
`set:` of the file that names it, and over what the file extends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

EVIDENCE: Final = "evidence"
"""The key of a scenario file that names presets."""
ORIGIN: Final = "preset"
"""What the origin of a value from a preset begins with."""


@dataclass(frozen=True)
class Preset:
    """One side of a disagreement.

    Attributes
    ----------
    name
        What scenarios call it.
    disagreement
        What the sources disagree about.
    title
        What this side says.
    source
        Who says so, and how the values were found.
    values
        Parameters, as under `set:`.
    """

    name: str
    disagreement: str
    title: str
    source: str
    values: Mapping[str, object]


ADDITIONALITY: Final = "How much private R&D comes of a public euro for R&D"
_ROOTS: Final = "Whether places or parents make a cluster"
_LASTING: Final = "Whether effects of policy last"
_TRIED: Final = "tried with grants on `base`, 20 seeds"

PRESETS: Final[tuple[Preset, ...]] = (
    Preset(
        "additionality_low",
        ADDITIONALITY,
        "a fifth of the public euro replaces private R&D: -0.2",
        f"assumption, the lower end of the range of P16; {_TRIED}: -0.195 (-0.205 to -0.185)",
        {"policy.displacement": 0.036},
    ),
    Preset(
        "additionality_central",
        ADDITIONALITY,
        "next to nothing beyond the public euro: 0.075",
        f"Dimos et al. 2022 (P16), the default; {_TRIED}: 0.072 (0.062 to 0.083)",
        {"policy.displacement": 0.095},
    ),
    Preset(
        "additionality_high",
        ADDITIONALITY,
        "a fifth in addition: 0.209, the middle of 0.166 to 0.252",
        f"World Bank 2013 (P16); {_TRIED}: 0.209 (0.200 to 0.219)",
        {"policy.displacement": 0.156},
    ),
    Preset(
        "agglomeration",
        _ROOTS,
        "firms do better where their industry is, and new ones owe nothing to their parents' place",
        "assumption; externalities as in Martin, Mayer & Mayneris 2011 (F23, F24)",
        {"entry.local": 0.0, "entry.quality_slope": 0.0},
    ),
    Preset(
        "heritage",
        _ROOTS,
        "no place is better than another: good firms have good spin-offs, which stay near",
        "Klepper 2007; Golman & Klepper 2016 (F19)",
        {"market.externalities": False},
    ),
    Preset(
        "effects_fade",
        _LASTING,
        "what a measure has changed is gone soon after its end",
        "direction: Graf & Broekel 2020 (P5); a quarter of the time: assumption",
        {"policy.lasting": 0.25},
    ),
    Preset(
        "effects_last",
        _LASTING,
        "what a measure has changed stays long after its end",
        "assumption: four times as long",
        {"policy.lasting": 4.0},
    ),
)
"""All of them, by disagreement."""

LEFT_OUT: Final[Mapping[str, str]] = {
    "How many jobs come of a job (local multiplier, 1.6 or 1.02; F33)": (
        "There is no channel for it: demand comes from outside the region, for each sector as a "
        "whole, and no household spends its wage next door. Jobs of one sector touch those of "
        "others by the labour market, by suppliers and by new firms, none of which is a multiplier."
    ),
    "Whether hubs help in calm and hurt in shocks": (
        "Two networks are apart: in that of collaborations hubs help, as knowledge comes by them, "
        "and no shortage travels there; in that of key suppliers hubs hurt when they fail, and "
        "nobody gains by them in calm. No value of a parameter makes the same firms do both."
    ),
}
"""Disagreements that no preset stands for, and why."""

PRESET: Final[Mapping[str, Preset]] = {preset.name: preset for preset in PRESETS}
"""Presets by name."""
