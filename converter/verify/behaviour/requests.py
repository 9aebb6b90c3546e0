"""Requests as API Gateway hands them to a function (version 1.0 of its payload).

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator

from converter.model import Json
from converter.sam.sample_events import request

Route = tuple[str, str]

_WITH_BODY = frozenset({"DELETE", "PATCH", "POST", "PUT"})


def make_requests(
    routes: Iterable[Route], keys: Iterable[str], values: Iterable[Json], most: int
) -> list[Json]:
    """Requests to routes, (method, path) each; `keys` and `values` are what the source speaks of."""
    found = [list(_vary(method, path, list(keys), list(values))) for method, path in routes]
    # Each route gets its plainest ones before any gets all.
    longest = max(map(len, found), default=0)
    return [requests[number] for number in range(longest) for requests in found if number < len(requests)][
        :most
    ]


def _vary(method: str, path: str, keys: list[str], values: list[Json]) -> Iterator[Json]:
    query = dict.fromkeys(keys, "text")
    body = json.dumps({**dict.fromkeys(keys, "text"), "ä": "☃"})
    yield request(method, path)
    if method in _WITH_BODY:
        yield request(method, path, body=body)
        yield request(method, path, body="{not json")
        yield request(method, path, body="")
        yield request(method, path, body=body, content_type="text/plain")
        yield request(method, path, body=json.dumps(dict.fromkeys(keys, 7)))
        encoded = base64.b64encode(body.encode()).decode()
        yield {**request(method, path, body=encoded), "isBase64Encoded": True}
        for key in keys:
            yield request(method, path, body=json.dumps({each: "text" for each in keys if each != key}))
    if query:
        yield request(method, path, query=query)
        for key in keys:
            yield request(method, path, query={each: "7" for each in keys if each != key})
    texts = [str(value) for value in values if isinstance(value, (str, int)) and str(value)]
    for text in (*texts, "naïve%20%E2%98%83", "a%2Fb"):
        if "{" in path:
            yield request(method, path, value=text)
        for key in keys[:4]:
            yield request(method, path, query={key: text})
