"""What the code cannot say of itself: why the model is there, and the concepts it is built on."""

from __future__ import annotations

from typing import Final

PURPOSE: Final = """\
The model asks how industrial clusters rise, mature, decline and renew, and what a policy can
change in that. A cluster is a geographic concentration of related firms and institutions in one
field. The model is made for three kinds of question: which mechanisms are enough to produce a
life cycle, and which of its features disappear without them; how clusters of given regions may
react to shocks and to changes of technology; and what follows if conditions are changed on the
same luck. It is a model to think with: it says what follows from stated mechanisms, with the
spread over many runs, and does not forecast one region in one year."""

PATTERNS: Final = """\
The model is held against the following figures. Those marked C were given to the calibration,
those marked V never. A figure is matched if its mean over seeds lies within the range; the
ranges and their reasons stand in the code beside each figure (`clustersim validate` prints all
of them). No pattern is written into a rule: stages of the life cycle are read off recorded
series."""

NULLS: Final = """\
Beside these, features have to disappear when the mechanism that explains them is switched off,
on the same luck:"""

SCALES: Final = """\
One step is a quarter of a year; rates are given per year. Space is a plane: regions, districts
and actors have positions in kilometres. Sizes are in jobs, money in euro of a fixed year,
knowledge in units of the world frontier (1). One simulated job and firm stands for
`employment_scale` real ones; recorded tables are in real numbers."""

CONCEPTS: Final[tuple[tuple[str, str], ...]] = (
    (
        "Basic principles",
        """\
The life cycle is that of Menzel & Fornahl (2010): a cluster grows while its firms know
different things, matures as they learn from one another and become alike, and declines when
technology moves on, unless new knowledge comes from outside, from science or from new firms.
Agglomeration works through labour, suppliers and knowledge (Marshall), with congestion (Martin,
Mayer & Mayneris 2011); learning needs absorptive capacity (Cohen & Levinthal) and is most
fruitful at a middle cognitive distance (Nooteboom et al. 2007); ties follow five proximities
(Boschma 2005); spin-offs inherit from their parents (Klepper); paradigms change as in history-
friendly models (Malerba, Nelson, Orsenigo & Winter).""",
    ),
    (
        "Emergence",
        """\
Clusters, their stages and their strength, the sizes and growth rates of firms, turnover and
survival, the network's degrees, the premium of productivity in clusters and the spread of new
technology emerge. Imposed are the founding year, the paths of world demand, the years of
technological paradigms, and shocks. No mechanism reads a stage of the life cycle.""",
    ),
    (
        "Adaptation",
        """\
Firms adapt by rules, not by optimisation: they explore more when they lag behind their market,
ask others to collaborate and agree by proximity and trust, adopt new technology after the
example of partners, change suppliers, hire and dismiss by their orders, and found spin-offs
when they do well.""",
    ),
    (
        "Objectives",
        """\
Nobody maximises an objective. Success is measured by the market: productivity above the
market's mean lets a firm grow, and funds keep it alive.""",
    ),
    (
        "Learning",
        """\
Knowledge is a vector over technology fields. It grows by learning over ties and in place and by
innovation, advances by adoption, and loses against the moving world frontier. Trust between
partners is learnt from successes and failures. Rules of decision do not change.""",
    ),
    ("Prediction", "Nobody predicts: all decide on the present state and their present relations."),
    (
        "Sensing",
        """\
Firms know their own productivity and that of their market, the wages of their region, what is
known in their local industry and by their partners, and whether partners have adopted a
technology. They do not know the stage of their cluster, coming paradigms or shocks.""",
    ),
    (
        "Interaction",
        """\
Direct: collaboration, learning over ties, supply, heritage of spin-offs. Through the place:
labour, buzz, localisation, congestion. Through the market: a replicator in which all firms of a
sector and the rest of the world share world demand.""",
    ),
    (
        "Stochasticity",
        """\
Luck decides on meetings and agreements, the end and success of projects, arrivals and
directions of innovation, growth shocks, adoption, exits, entries and what founders are like. A
random number belongs to the seed, the decision, the step and the actor, and to nothing else, so
that two scenarios with one seed give the same luck to the same actor whatever else differs.""",
    ),
    (
        "Collectives",
        """\
Local industries (a sector in a region) are collectives that act through what their firms have
in common. Cluster organisations have members. Clusters themselves are not entities: they are
found by cluster mapping, as a statistician would find them.""",
    ),
    (
        "Observation",
        """\
Recorded are tables of local industries and of the economy, at the end all actors and ties, and,
read off these, the stages of clusters and their transitions with reasons:""",
    ),
)

INITIALISATION: Final = """\
A world is founded from the regions, sectors and fields of a scenario, from a table of
employment, or from a graph. What is not given is drawn, and each draw belongs to the actor or
place it is about. The rules stand with the functions that carry them out; the numbers in them
that are no parameters of a scenario follow below."""

INPUT: Final = """\
Nothing is read while the model runs. The paths of world demand, the years of paradigms and the
shocks are set before; a table of employment or a graph is read at the founding."""
