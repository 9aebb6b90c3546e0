from __future__ import annotations

import pytest

from converter.features.parameters import with_value
from converter.model import Application, Json

PARAMETER = {"Type": "String", "Default": "a"}


@pytest.mark.parametrize(
    ("dev", "prod", "parameter", "given"),
    [
        pytest.param("a", "b", PARAMETER, {"dev": "a", "prod": "b"}, id="texts"),
        pytest.param(
            ["a", "b"],
            ["c"],
            {"Type": "CommaDelimitedList", "Default": "a,b"},
            {"dev": "a,b", "prod": "c"},
            id="lists",
        ),
        pytest.param(
            {"Ref": "AWS::StackName"}, "b", {"Type": "String"}, {"prod": "b"}, id="one that deployment says"
        ),
        pytest.param(
            "a", {"Fn::Sub": "${One}"}, {"Type": "String"}, {"dev": "a"}, id="no default for the other"
        ),
    ],
)
def test_values_that_differ(dev: Json, prod: Json, parameter: Json, given: dict[str, str]):
    application, value = with_value(Application("shop", ("dev", "prod")), "One", {"dev": dev, "prod": prod})

    assert {"Ref": "One"} == value
    assert {"One": parameter} == application.template.sections["Parameters"]
    assert given == {stage: values["One"] for stage, values in application.parameters.items()}


def test_the_parameter_that_one_of_them_is_takes_the_other():
    application, value = with_value(
        Application("shop", ("dev", "prod")), "One", {"dev": {"Ref": "Bucket"}, "prod": "b"}
    )

    assert {"Ref": "Bucket"} == value
    assert {"Bucket": {"Type": "String"}} == application.template.sections["Parameters"]
    assert {"prod": {"Bucket": "b"}} == application.parameters


@pytest.mark.parametrize("value", ["a", {"Ref": "Bucket"}, None])
def test_one_value_needs_no_parameter(value: Json):
    application = Application("shop", ("dev", "prod"))

    assert (application, value) == with_value(application, "One", {"dev": value, "prod": value})
