"""The expressions of templates: their values, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_azure_reimage.simulator.arm.errors import ArmError
from pulumi_azure_reimage.simulator.arm.template_expressions import evaluated
from pulumi_azure_reimage.simulator.arm.template_functions import Scope

GROUP = "/subscriptions/s/resourceGroups/g"
SCOPE = Scope(
    "s",
    {"id": GROUP, "name": "g", "location": "westus"},
    {"password": "secret", "list": [{"name": "first"}]},
    {"prefix": "vm"},
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("[[not one]", "[not one]"),
        ("[unfinished", "[unfinished"),
        ("['it''s']", "it's"),
        ("[ parameters( 'PASSWORD' ) ]", "secret"),
        ("[Parameters('list')[0].Name]", "first"),
        ("[concat(variables('prefix'), '-', 2)]", "vm-2"),
        ("[concat(parameters('list'), parameters('list'))]", [{"name": "first"}, {"name": "first"}]),
        ("[resourceGroup().location]", "westus"),
        ("[subscription().subscriptionId]", "s"),
        ("[resourceId('N.A/types', 'n')]", f"{GROUP}/providers/N.A/types/n"),
        ("[resourceId('N.A/types/inner', 'n', 'm')]", f"{GROUP}/providers/N.A/types/n/inner/m"),
        ("[resourceId('h', 'N.A/types', 'n')]", "/subscriptions/s/resourceGroups/h/providers/N.A/types/n"),
        (
            "[resourceId('t', 'h', 'N.A/types', 'n')]",
            "/subscriptions/t/resourceGroups/h/providers/N.A/types/n",
        ),
    ],
)
def test_an_expression_has_its_value(text: str, value: object) -> None:
    """Names are found in any letter case."""
    assert evaluated(text, SCOPE) == value


def test_members_that_are_null_are_left_out_and_lists_keep_theirs() -> None:
    """This holds at every depth."""
    given: dict[str, Any] = {"a": None, "b": {"c": None, "d": [None, "[variables('prefix')]"]}, "e": False}

    assert evaluated(given, SCOPE) == {"b": {"d": [None, "vm"]}, "e": False}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "[parameters]",
        "[parameters('other')]",
        "[parameters('password', 'list')]",
        "[parameters(1)]",
        "[concat('a' 'b')]",
        "[concat('a']",
        "[concat(true)]",
        "[concat(parameters('list'), 'a')]",
        "[resourceGroup('x')]",
        "[resourceGroup().other]",
        "[resourceId('N.A', 'n')]",
        "[resourceId('N.A/types')]",
        "[resourceId('a', 'b', 'c', 'N.A/types', 'n')]",
        "[parameters('list')[1]]",
        "[reference('x')]",
        "[uniqueString('x')]",
        "['a' + 'b']",
        "['a') ]",
        "[" + "concat(" * 100 + "'a'" + ")" * 100 + "]",
    ],
)
def test_an_expression_that_is_not_understood_is_refused(text: str) -> None:
    """The refusal has ARM's code, and no value of a parameter."""
    with pytest.raises(ArmError) as refused:
        evaluated(text, SCOPE)

    assert (refused.value.status, refused.value.code) == (400, "InvalidTemplate")
    assert "secret" not in refused.value.message
