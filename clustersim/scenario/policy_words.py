"""What policies are, in words."""

from __future__ import annotations

from clustersim.policies.actions import BY_NAME
from clustersim.policies.programmes import BY_NAME as PROGRAMMES
from clustersim.scenario.problems import listed
from clustersim.world.policy import Identification, Measure, Policy, Politics


def policy_sentences(policy: Policy) -> list[str]:
    """Return in plain words who pays how much for what, for whom, when, and how it should work."""
    until = f"to {policy.until:g}" if policy.until is not None else "on"
    who = {"national": "The national authority", "eu": "The European Union"}.get(
        policy.authority, f"The authority of {policy.authority}"
    )
    programme = PROGRAMMES.get(policy.programme or "")
    named = f", after {programme.title}" if programme is not None else ""
    text = [
        f"Policy {policy.name!r}{named}: from {policy.year:g} {until} {who[0].lower()}{who[1:]} "
        f"spends {policy.budget:,.0f} euro a year on {_clusters(policy.identification)}"
    ]
    text += [f"from {one.year:g} on {one.budget:,.0f} euro a year" for one in policy.budgets]
    if policy.governance is not None:
        one = policy.governance
        text.append(
            f"cluster organisations with {one.staff:g} staff each carry it out, and it pays "
            f"{one.public_share:.0%} of these"
        )
    rules = policy.rules
    if rules.sme_share:
        text.append(f"at least {rules.sme_share:.0%} of what firms get goes to SMEs")
    if rules.per_firm is not None:
        text.append(f"no firm gets more than {rules.per_firm:,.0f} euro")
    if policy.priorities:
        text.append(f"its priorities are {listed(list(policy.priorities))}")
    text += _politics(policy.politics)
    total = sum(measure.share for measure in policy.measures)
    return [f"{'; '.join(text)}."] + [_measure(one, one.share / total) for one in policy.measures]


def _politics(politics: Politics) -> list[str]:
    """Return what elections and interests make of a policy, in words."""
    text = []
    if politics.elections:
        ends = f" and may end it ({politics.reversal:.0%})" if politics.reversal else ""
        text.append(f"elections every {politics.elections:g} years choose anew{ends}")
    if politics.swing:
        text.append(f"the budget is {politics.swing:.0%} higher before an election, lower after it")
    if politics.myopia:
        text.append("measures that work late get less money")
    if politics.vested:
        text.append(f"size counts {politics.vested:.0%} in who is chosen and served")
    return text


def _clusters(how: Identification) -> str:
    most = f"at most {how.most} " if how.most is not None else ""
    where = f" in {listed(list(how.regions))}" if how.regions else ""
    what = f" of {listed(list(how.sectors))}" if how.sectors else ""
    match how.method:
        case "named":
            places = [f"{place.sector} in {place.region}" for place in how.places]
            return listed(places)
        case "mapping":
            found = f"found by mapping (location quotient of at least {how.quotient:g})"
        case "call":
            found = "chosen by a call for proposals"
        case _:
            found = (
                "chosen by a call among those that mapping finds (location quotient of at least "
                f"{how.quotient:g})"
            )
    return f"{most}clusters{what}{where} {found}"


def _measure(measure: Measure, share: float) -> str:
    action = BY_NAME[measure.action]
    whom = " (SMEs only)" if measure.sizes == ("sme",) else ""
    whom = " (large firms only)" if measure.sizes == ("large",) else whom
    if measure.reach is not None:
        whom += (
            " (for all, however little each gets)"
            if measure.reach == 1.0
            else f" (for {measure.reach:.0%}, however little each gets)"
        )
    if measure.levy is not None:
        whom += f" (levy of {measure.levy:,.0f} euro)"
    channel = action.channel[0].lower() + action.channel[1:].rstrip(".")
    return f"{share:.0%} of its money goes into {measure.action}{whom}: {channel}."
