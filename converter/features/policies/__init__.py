"""
Roles and policies.

The model holds, for a function and stage, either `role` (an existing role's ARN) or `policy`
(the statements beyond writing logs, which both sides grant always), `managed_policies` (names or
ARNs) and `role_settings` (what else SAM says of the role that it makes, by SAM's names). The last two
Chalice can say in the merge template only, of the role that it generates for the function.

Chalice: https://aws.github.io/chalice/topics/configfile.html (`autogen_policy`, `iam_role_arn`, ...)
SAM: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-policies.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from converter.feature import Feature, Support

if TYPE_CHECKING:
    from converter.chalice.project import ChaliceProject
    from converter.chalice.writer import ChaliceWriter
    from converter.model import Application
    from converter.sam.project import SamProject
    from converter.sam.writer import SamWriter

# Each direction imports its own two modules only.


def read_chalice(project: ChaliceProject, application: Application) -> Application:
    from converter.features.policies.chalice_reader import read_chalice

    return read_chalice(project, application)


def write_chalice(application: Application, writer: ChaliceWriter) -> None:
    from converter.features.policies.chalice_writer import write_chalice

    write_chalice(application, writer)


def read_sam(project: SamProject, application: Application) -> Application:
    from converter.features.policies.sam_reader import read_sam

    return read_sam(project, application)


def write_sam(application: Application, writer: SamWriter) -> None:
    from converter.features.policies.sam_writer import write_sam

    write_sam(application, writer)


feature = Feature(
    name="policies",
    support=(
        Support("`autogen_policy`", "`Policies`", note="Chalice's own statements"),
        Support("`iam_policy_file`, `policy-<stage>.json`", "`Policies`, `AWS::IAM::Role`"),
        Support("`manage_iam_role`, `iam_role_arn`", "`Role`"),
        Support("merge template", "managed policies in `Policies`"),
        Support("merge template", "`PermissionsBoundary`, `RolePath`, `AssumeRolePolicyDocument`"),
    ),
    read_chalice=read_chalice,
    write_chalice=write_chalice,
    read_sam=read_sam,
    write_sam=write_sam,
)
