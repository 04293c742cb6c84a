"""The terms that ship, and the closed list of causes."""

import json

import pytest

from registry.warranty.causes import CAUSE_CLASSES, CAUSES, resolve_cause
from registry.warranty.terms import TEMPLATES, TermsBody


def test_the_four_templates_ship():
    assert list(TEMPLATES) == ["optical-module", "software", "hardware", "on-site-support"]
    for name, body in TEMPLATES.values():
        assert name
        assert body.notes
        assert TermsBody.from_dict(json.loads(json.dumps(body.as_dict()))) == body


@pytest.mark.rule("S4-09", "S4-10", "S4-11", "S4-12")
def test_the_optical_module_terms():
    _, body = TEMPLATES["optical-module"]
    assert body.start_basis == "delivery"
    assert [(item.remedy, str(item.period)) for item in body.coverages] == [
        ("replace", "P1Y"),
        ("repair", "P3Y"),
        ("support", "P3Y"),
    ]
    assert body.coverage("replace").supersedes == ("repair",)
    covered = {code for code in CAUSES if body.covers(code)}
    assert covered == {code for code, cause in CAUSES.items() if cause.kind == "non_human"}
    assert {code for code in CAUSES if body.excludes(code)} == {
        "war",
        "disaster",
        "force_majeure",
        "human_damage",
    }


@pytest.mark.rule("S1-11", "S1-13", "S1-17")
def test_the_software_terms():
    _, body = TEMPLATES["software"]
    assert body.start_basis == "launch"
    assert body.functions_only
    assert "fine_adjustment" in body.free_requests
    assert {str(item.period) for item in body.coverages} == {"P1Y"}
    assert body.coverage("patrol").per_year == 2


@pytest.mark.rule("S3-07", "S3-09", "S3-10", "S3-11")
def test_the_hardware_terms():
    _, body = TEMPLATES["hardware"]
    assert body.start_basis == "delivery"
    assert [(item.remedy, item.requires, item.chosen_by) for item in body.coverages] == [
        ("repair", None, None),
        ("replace", "failed_repair", None),
        ("return", "failed_repair", "customer"),
    ]
    assert body.after_term == "quote"
    assert body.replacement.rule == "remaining"


def test_the_on_site_terms():
    _, body = TEMPLATES["on-site-support"]
    assert body.start_basis == "given"
    assert [item.remedy for item in body.coverages] == ["onsite", "support"]


@pytest.mark.rule("S4-12")
def test_an_exclusion_wins_over_a_cause_that_is_covered_too():
    body = TermsBody.from_dict(
        {
            **TEMPLATES["hardware"][1].as_dict(),
            "covers_causes": ["non_human", "disaster"],
            "exclusions": ["disaster"],
        }
    )
    assert body.excludes("disaster")
    assert not body.covers("disaster")
    assert body.covers("wear")


def test_every_cause_has_a_class():
    assert {cause.kind for cause in CAUSES.values()} == set(CAUSE_CLASSES)
    assert not set(CAUSES) & set(CAUSE_CLASSES), "a name would mean a cause and a class"


@pytest.mark.rule("S4-04", "S4-11", "S4-12")
@pytest.mark.parametrize(
    ("word", "code", "kind"),
    [
        ("module", "module", "non_human"),
        ("our technical data", "our_technical_data", "non_human"),
        ("user", "user", "human"),
        ("environment", "environment", "non_human"),
        ("unknown", "unknown", "undetermined"),
        ("drop damage", "human_damage", "human"),
        ("ageing laser", "wear", "non_human"),
        ("Lightning", "disaster", "excluded"),
        ("force-majeure", "force_majeure", "excluded"),
        ("WAR", "war", "excluded"),
        ("non_human", "other_non_human", "non_human"),
        ("human", "human_damage", "human"),
    ],
)
def test_words_for_causes(word, code, kind):
    assert resolve_cause(word) == code
    assert CAUSES[code].kind == kind


def test_no_cause_and_an_unknown_cause():
    assert resolve_cause(None) is None
    assert resolve_cause(" ") is None
    with pytest.raises(ValueError, match="'gremlins' is not known: give one of module"):
        resolve_cause("gremlins")
