from __future__ import annotations

import pytest

from converter.model import Json
from converter.sam.local_paths import (
    PATH_PROPERTIES,
    change_local_paths,
    change_paths_in_text,
    find_local_paths,
    in_package,
    in_project,
    plain_path,
)


def resource(kind: str, **properties: Json) -> Json:
    return {"Type": kind, "Properties": properties}


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in PATH_PROPERTIES.items() for name in names]
)
def test_properties_that_name_files(kind: str, name: str):
    template = {"Resources": {"A": resource(kind, **{name: "a/b", "Other": "c/d"})}}

    assert ["a/b"] == [*find_local_paths(template)]
    assert {"Resources": {"A": resource(kind, **{name: "x", "Other": "c/d"})}} == change_local_paths(
        template, lambda path: "x"
    )


@pytest.mark.parametrize(
    "value",
    [
        "s3://bucket/key",
        "https://bucket.s3.amazonaws.com/key",
        "arn:aws:serverlessrepo:eu-west-1:1:applications/x",
        {"Ref": "Code"},
        {"Bucket": "b", "Key": "k"},
        {"Fn::Sub": "s3://${Bucket}/x"},
        None,
        5,
    ],
)
def test_what_names_no_file(value: Json):
    assert [] == [*find_local_paths(resource("AWS::Serverless::LayerVersion", ContentUri=value))]


def test_other_types_name_no_files():
    assert [] == [*find_local_paths(resource("AWS::S3::Bucket", CodeUri="a/b"))]


def test_included_files():
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "api.yaml"}}}
    template = {"Resources": {"A": {"Type": "X", "Properties": {"Body": [include]}}}}

    assert ["api.yaml"] == [*find_local_paths(template)]


def test_files_that_an_api_includes():
    include = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "api.yaml"}}}

    assert ["api.yaml"] == [*find_local_paths(resource("AWS::Serverless::Api", DefinitionBody=include))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ContentUri: layer", "ContentUri: ../layer"),
        ("ContentUri: 'layer' # layer", "ContentUri: '../layer' # layer"),
        ('ContentUri: "l\\x61yer"', "ContentUri: '../layer'"),
        ("ContentUri: ./", "ContentUri: .././"),
        ("ContentUri: >-\n      layer", "ContentUri: >-\n      ../layer"),
        ("ContentUri: ''", "ContentUri: ''"),
    ],
)
def test_only_paths_change_in_a_text(before: str, after: str):
    entry = "layer:\n  Type: AWS::Serverless::LayerVersion\n  Properties:\n    Description: a layer\n    %s\n"

    assert entry % after == change_paths_in_text(entry % before, in_package)


def test_an_included_file_changes_in_a_text():
    entry = "Api:\n  Body: !Transform {Name: AWS::Include, Parameters: {Location: api.yaml}}  # api.yaml\n"

    assert entry.replace("n: api", "n: ../api") == change_paths_in_text(entry, in_package)


@pytest.mark.parametrize(
    "transform",
    [
        {"Name": "AWS::Include", "Parameters": {"Location": "s3://a/b"}},
        {"Name": "AWS::Include", "Parameters": {"Location": {"Ref": "A"}}},
        {"Name": "AWS::Include"},
        {"Name": "Other", "Parameters": {"Location": "api.yaml"}},
        "AWS::Include",
    ],
)
def test_what_includes_no_file(transform: Json):
    assert [] == [*find_local_paths({"Fn::Transform": transform})]


@pytest.mark.parametrize(
    ("project", "package"),
    [
        ("layers/x", "../layers/x"),
        ("layers/x/", "../layers/x/"),
        ("template.yaml", "../template.yaml"),
        ("../outside", "../../outside"),
        ("a/../b", "../b"),
    ],
)
def test_paths_of_the_packaged_template(project: str, package: str):
    assert package == in_package(project)
    assert package == in_package(in_project(package))


@pytest.mark.parametrize(
    ("path", "expected"), [("./a/b", "a/b"), ("a/b", "a/b"), ("../a", "../a"), (".", "."), ("./", ".")]
)
def test_plain_path(path: str, expected: str):
    assert expected == plain_path(path)
