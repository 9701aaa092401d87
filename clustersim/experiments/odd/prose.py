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
range is as wide as the sources disagree, or as what they measured differs in kind from what is
simulated. `clustersim validate` measures all of them. Stages of the life cycle are read off
recorded series; no rule knows of them."""

NULLS: Final = """\
Beside these, features have to disappear when the mechanism that explains them is switched off.
Each comparison has two arms on the same luck, and its direction is stated beforehand; it holds if
a one-sided paired t-test over seeds says so at 1 %."""

ENTITIES: Final = """\
Sizes are written R regions, S sectors, M technology fields, P paradigms. The column "changed by"
names the submodels that may write a variable; where it is empty, the variable stays as it was
founded, or is set by the step itself (the clock). Counts of a quarter are set to zero when they
are recorded."""

LEVERS: Final = """\
Values through which policy acts on submodels; the equations there say how. At its neutral value a
lever has no effect. Where "set by" is empty no submodel sets it, and it stays neutral. Levers of
actors leave with them, and newcomers begin with the neutral value."""

SCALES: Final = """\
One step is a quarter of a year; rates are given per year. Space is a plane: regions, districts
and actors have positions in kilometres. Sizes are in jobs, money in euro of a fixed year,
knowledge in units of the world frontier (1). One simulated job and firm stands for
`employment_scale` real ones; recorded tables are in real numbers."""

SCHEDULE: Final = """\
Time moves in quarters. In each the submodels below work once, in this order, the same every
quarter. Each sees what those before it have left; within one, all actors decide on the state at
its start, so that the order of actors does not matter. Where actors want the same thing, shares or
keyed luck decide, as the submodel says. After the last submodel the clock moves on, and every
`record_every` quarters the state is recorded; the first record is of the founded world, before any
step."""

STOCHASTICITY: Final = "Stochasticity"

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
(Boschma 2005); firms explore and exploit (March 1991); spin-offs inherit from their parents
(Klepper); technology is cumulative within a paradigm, and paradigms change (Dosi 1982; Malerba et
al. 1999); markets select by a replicator (Metcalfe 1994). Externalities and heritage are rival
explanations of concentration: each can be switched off alone.""",
    ),
    (
        "Emergence",
        """\
Which local industries become clusters, when they grow, stall, fall and renew, and why; how strong
they are and how much more productive; the concentration of sectors; the size distribution of
firms; the shape of the network; how knowledge is spread over places.

Close to imposed are: survival, since the hazard of exit falls with age by a given curve; the tails
of growth rates and their calming down with size, since shocks to orders are Laplace and shrink
with size; the gain from and the crowding of narrow industries, since the curve is taken from its
source; the size of newcomers. Such figures test that parts work together, not that they were
explained. Imposed altogether are the founding year, the paths of world demand, the years of
technological paradigms, the pace of the world frontier, and shocks.""",
    ),
    (
        "Adaptation",
        """\
Firms adapt by rules, not by optimisation. A firm explores more often when it lags behind its
market; exploits where it is strong and where knowledge is relevant; asks others to collaborate and
agrees by proximity; goes on with partners it trusts; adopts new technology by itself or after the
example of partners; replaces a supplier that is gone; hires and dismisses by its orders. People
without work change sector and region by where jobs and vacancies are. Multinationals move to where
more is on offer; other firms stay where they are. The R&D intensity of a firm does not change.""",
    ),
    (
        "Objectives",
        """\
Nobody maximises an objective. Success is measured by the market: log productivity above the mean
of the market lets a firm grow, protects it from exit and gives it more spin-offs; funds keep it
alive. The only aspiration is that mean.""",
    ),
    (
        "Learning",
        """\
What is learnt is a state, not a rule: knowledge is a vector over technology fields. It grows by
learning over ties, in place and in projects, from people who come from other firms, and by
innovation, advances by adoption, is inherited with losses, and loses against the moving world
frontier. Trust between partners is learnt from successes and failures of their projects. Rules of
decision do not change with experience.""",
    ),
    (
        "Prediction",
        """\
Nobody predicts: all decide on the present state and their present relations. Two things are known
before they come: research and technology organisations begin with knowledge of all paradigms of
their sector, also of those to come; and fields that will be used together count as related from
the start.""",
    ),
    (
        "Sensing",
        """\
Without error or delay, firms know their own state; the mean productivity of their market; the wages
of their region; what is known in their local industry on average; what partners know, how far away
they are and whether they have adopted a technology; multinationals, what places offer that they
look at; the relevance of each field at present; whether their supplier delivers. They do not know
shocks before they strike, nor whether they are in a cluster or in which stage.""",
    ),
    (
        "Interaction",
        """\
Direct, over ties: learning, recombination and the example of adopters among collaborators;
consortia; people who move from firm to firm; delivery from supplier to buyer; heritage from parent
to spin-off. Through the place: one pool of labour and one wage, buzz, localisation, suppliers
nearby, congestion. Through the market: a replicator in which all firms of a sector and the rest of
the world share world demand, so that what one wins others lose.""",
    ),
    (
        STOCHASTICITY,
        """\
Luck stands for what is not modelled: who meets whom, who proposes a project, when it ends and
whether it succeeds, who hires from whom, where multinationals look, when an idea comes and where it
leads, orders won and lost, who adopts, leaves and enters, what founders know and where they settle,
and what of the founding year a scenario leaves open. A random number belongs to the seed, the
decision, the step and the actor, and to nothing else, so that two scenarios with one seed give the
same luck to the same actor whatever else differs. Uniforms are drawn and turned into other
distributions by the inverse of their distribution function, and in pairs into normal ones (Box &
Muller).""",
    ),
    (
        "Collectives",
        """\
Local industries (a sector in a region) share a pool of labour, a district, buzz and advantages. A
milieu is a local industry with its research and technology organisations; the universities of a
region have one of their own. A niche is the firms of a local industry with the same main field.
Cluster organisations have members. Parents and their spin-offs form families. Clusters themselves
are not entities: they are found in the records by cluster mapping, as a statistician would.""",
    ),
    (
        "Observation",
        """\
Recorded are tables of local industries and of the economy, without error, and at the end all
actors and ties (with the variables of chapter 2). Counts and jobs are in real numbers, that is,
times `employment_scale`. Read off these are the clusters, the stages of their life cycles and the
transitions with reasons. A stage becomes known only some years after a turn, as it would in
reality, since it has to last.""",
    ),
)

INITIALISATION: Final = """\
A world is founded from the regions, sectors and fields of a scenario, from a table of
employment, or from a graph. What is not given is drawn, and each draw belongs to the actor or
place it is about, so that the same seed founds the same world and worlds that share a place share
its firms. The rules stand with the functions that carry them out; numbers in them that are no
parameters of a scenario follow below each module."""

INPUT: Final = """\
No data are read while the model runs. What drives it from outside is set before: the path of world
demand in each sector (a start and a rate of growth), the years, widths and weights of
technological paradigms (both under the values of the scenario, above), and the shocks. A table of
employment or a graph is read only to found the world."""

SUBMODELS: Final = """\
One for each mechanism of the schedule, in its order. The equations are for one quarter of
dt years unless rates per year are meant. Every mechanism has the switch `enabled`. The functions
after the parameters carry out parts of the rule; what they take is explained in the rule."""

SHARED: Final = """\
Also the arithmetic of the simulation: its exponentials, logarithms and sums are its own, so that
every processor gives the same bits. To build the model again any exact ones will do."""
