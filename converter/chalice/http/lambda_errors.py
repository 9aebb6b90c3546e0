"""
The module of a project by which errors that leave a view are those of its Lambda function.

Chalice and Powertools answer for such an error themselves, where a handler that API Gateway asks fails. Both
take an answer apart outside of their error handling, and there it comes out.
"""

from __future__ import annotations

PATH = "chalicelib/lambda_errors.py"
DECORATOR = "chalicelib.lambda_errors.errors_to_lambda"

_SOURCE = '''\
"""Views whose errors are those of the Lambda function, for which API Gateway answers."""

from functools import wraps

from {home} import Response


class _Failure(Response):
    """An error, which {framework} asks for the answer outside of its error handling."""

    def __init__(self, error):
        super().__init__("")
        self._error = error

    def {method}:
        raise self._error


def errors_to_lambda(view):
    """The view, whose errors are no answers of {framework}'s."""

    @wraps(view)
    def answer(*args, **kwargs):
        try:
            return view(*args, **kwargs)
        except Exception as error:
            return _Failure(error)

    return answer
'''
OF_CHALICE = _SOURCE.format(home="chalice", framework="Chalice", method="to_dict(self, binary_types=None)")


def write_for_powertools(compat_module: str) -> str:
    """The same for Powertools, with the Response of the compatibility module."""
    return _SOURCE.format(home=compat_module, framework="Powertools", method="is_json(self)")
