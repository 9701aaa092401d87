"""Policies in scenario files: every mistake at once, with its line and what to do about it."""

from pathlib import Path

import pytest

from clustersim.scenario.describe import in_words
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario

HEAD = "schema_version: 1\nextends: base\nyears: 30\npolicies:\n"
SOUND = """\
  - name: sound
    year: 2000
    budget: 1e6
    measures: [{action: firm_networks}]
"""


def problems(tmp_path: Path, text: str) -> list[tuple[int | None, str]]:
    path = tmp_path / "policy.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    return [(problem.line, str(problem)) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("changes", "line", "words"),
    [
        ("authority: Atlantis", 9, "there is no authority 'Atlantis'"),
        ("until: 1999", 9, "before it begins in 2000"),
        ("rules: {per_firm: 100}", 8, "costs 800 euro for a firm, while the rules allow 100"),
        ("identification: {regions: [Silvertwn]}", 9, "did you mean 'Silvertown'"),
        ("identification: {sectors: [fod]}", 9, "there is no sector 'fod'"),
        ("identification: {method: named}", 9, "no places are named"),
        ("governance: {staff: 100}\n    identification: {most: 9}", 7, "can't pay the staff"),
        (
            "governance: {staff: 5}\n    identification: {most: 6}\n"
            "    budgets: [{year: 2004, budget: 5e5}]",
            11,
            "500,000 euro a year can't pay the staff of 6 organisations",
        ),
        ("until: 2000.5\n    governance: {staff: 1}", 10, "until the policy has ended"),
        ("rulse: {}", 9, "did you mean 'rules'"),
    ],
)
def test_one_mistake_is_found_with_its_line(tmp_path, changes, line, words):
    found = problems(tmp_path, f"{SOUND}    {changes}\n")
    assert [at for at, _ in found] == [line]
    assert words in found[0][1]


def test_two_policies_of_one_name_that_do_the_same(tmp_path):
    name, action = problems(tmp_path, SOUND + SOUND)
    assert "two policies are called 'sound'" in name[1]
    assert "both do firm_networks, for the same clusters and at the same time" in action[1]


def test_one_of_two_policies_that_do_the_same_may_be_switched_off(tmp_path):
    path = tmp_path / "policy.yaml"
    other = SOUND.replace("sound", "other")
    path.write_text(f"{HEAD}{SOUND}{other}    enabled: false\n", encoding="utf-8")
    switches = {"policies.sound.enabled": "false", "policies.other.enabled": "true"}
    for overrides, at_work in (({}, ["sound"]), (switches, ["other"])):
        policies = read_scenario(path, overrides=overrides).scenario.policies
        assert [policy.name for policy in policies if policy.enabled] == at_work
    with pytest.raises(ScenarioError, match="both do firm_networks"):
        read_scenario(path, overrides={"policies.other.enabled": "true"})


def test_an_action_that_does_not_exist_names_the_nearest(tmp_path):
    ((line, text),) = problems(tmp_path, SOUND.replace("firm_networks", "firm_network"))
    assert line == 8
    assert "did you mean 'firm_networks'" in text


def test_money_for_large_firms_only_may_not_break_the_rule_for_smes(tmp_path):
    measures = "[{action: rd_grant, sizes: [large], share: 3}, {action: firm_networks}]"
    text = SOUND.replace("[{action: firm_networks}]", measures)
    ((line, words),) = problems(tmp_path, f"{text}    rules: {{sme_share: 0.75}}\n")
    assert line == 8
    assert "75% of the money is for large firms only" in words


def test_a_year_outside_of_the_run(tmp_path):
    ((line, words),) = problems(tmp_path, SOUND.replace("2000", "2030"))
    assert line == 6
    assert "outside of the run" in words


def test_a_level_without_an_authority(tmp_path):
    text = f"{SOUND}    authority: eu\nworld: {{eu_authorities: 0}}\n"
    ((line, words),) = problems(tmp_path, text)
    assert line == 9
    assert "there is no eu authority" in words


def test_all_mistakes_are_found_at_once(tmp_path):
    text = SOUND.replace("firm_networks", "nothing").replace("2000", "2050")
    found = problems(tmp_path, f"{text}    authority: Atlantis\n    rules: {{sme_share: 2}}\n")
    assert [line for line, _ in found] == [6, 8, 9, 10]


def test_two_authorities_and_two_times_may_do_the_same(tmp_path):
    other = SOUND.replace("sound", "other")
    path = tmp_path / "policy.yaml"
    later = SOUND.replace("sound", "later").replace("2000", "2010")
    ends = "    until: 2005\n"
    path.write_text(HEAD + SOUND + ends + later + other + "    authority: eu\n", encoding="utf-8")
    assert [one.name for one in read_scenario(path).scenario.policies] == [
        "sound",
        "later",
        "other",
    ]


def test_an_extending_file_changes_a_policy_by_its_name(tmp_path):
    (tmp_path / "below.yaml").write_text(HEAD + SOUND, encoding="utf-8")
    path = tmp_path / "above.yaml"
    path.write_text(
        "schema_version: 1\nextends: below.yaml\npolicies: [{name: sound, budget: 2e6}]\n", "utf-8"
    )
    (policy,) = read_scenario(path).scenario.policies
    assert (policy.budget, policy.year) == (2e6, 2000)


def test_a_policy_is_told_in_words():
    words = in_words(read_scenario("vouchers"))
    assert "the European Union spends 12,000,000 euro a year on at most 6 clusters" in words
    assert "at least 75% of what firms get goes to SMEs" in words
    assert "no firm gets more than 60,000 euro" in words
    assert "Policy 'innosup', after INNOSUP-1" in words
    assert "80% of its money goes into innovation_voucher (SMEs only)" in words
    assert "20% of its money goes into cluster_partnerships (SMEs only)" in words
    assert "It is compared with itself without policies." in words


def test_politics_priorities_and_thin_support_are_told_in_words():
    words = in_words(read_scenario("myopia"))
    assert "elections every 4 years choose anew and may end it (25%)" in words
    assert "the budget is 30% higher before an election, lower after it" in words
    assert "measures that work late get less money" in words
    assert "It is compared with itself (The same plan carried out as written)" in words
    assert "size counts 100% in who is chosen and served" in in_words(
        read_scenario("vested_interests")
    )
    assert "its priorities are storage and hydrogen" in in_words(read_scenario("energy_transition"))
    thin = in_words(read_scenario("too_thin"))
    assert "into specialised_expertise (for all, however little each gets)" in thin
