"""What SAM lets functions do because of where their events come from."""

from __future__ import annotations

from typing import Any

import pytest

from converter.features.policies.implied import source_statements
from converter.verify.values import Evaluator

SECRET = {"Type": "BASIC_AUTH", "URI": "arn:secret"}
NETWORK = [{"Type": "VPC_SUBNET", "URI": "subnet:a"}, {"Type": "VPC_SECURITY_GROUP", "URI": "sg:a"}]


@pytest.mark.parametrize(
    ("kind", "properties", "actions"),
    [
        (
            "MQ",
            {"Broker": "b", "SourceAccessConfigurations": [SECRET]},
            ["secretsmanager:GetSecretValue", "mq:DescribeBroker"],
        ),
        ("MQ", {"Broker": "b", "SecretsManagerKmsKeyId": "k"}, ["mq:DescribeBroker", "kms:Decrypt"]),
        ("MSK", {"SourceAccessConfigurations": [SECRET]}, []),
        (
            "MSK",
            {"SourceAccessConfigurations": [{**SECRET, "Type": "SASL_SCRAM_512_AUTH"}]},
            ["secretsmanager:GetSecretValue"],
        ),
        ("SelfManagedKafka", {"SourceAccessConfigurations": NETWORK[:1]}, []),
        ("SQS", {"Queue": "q"}, []),
        ("MQ", {"SourceAccessConfigurations": "odd"}, []),
    ],
)
def test_statements(kind: str, properties: dict[str, Any], actions: list[str]):
    statements = source_statements(kind, properties)

    assert actions == [action for statement in statements for action in statement["Action"]]


def test_network_of_a_source():
    (kafka,) = source_statements("SelfManagedKafka", {"SourceAccessConfigurations": NETWORK})
    (*_, documents) = source_statements("DocumentDB", {"Cluster": "c"})

    assert kafka == documents
    assert "ec2:CreateNetworkInterface" in kafka["Action"]


def test_text_in_base64():
    assert "aGk=" == Evaluator({}).evaluate({"Fn::Base64": "hi"})
    assert {"Fn::Base64": {"Ref": "A"}} == Evaluator({}).evaluate({"Fn::Base64": {"Ref": "A"}})
