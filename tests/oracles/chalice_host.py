"""Calls one pure Lambda function of a Chalice project by Chalice's own test client.

Run with the project as the working folder, the call as JSON on stdin.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any


def call(stage: str, function: str, event: Any) -> dict[str, Any]:
    """The function's answer, or the exception that it (or app.py) raised."""
    from chalice.test import Client

    try:
        # Before app.py runs, as on Lambda, and not only around the call, as the client does.
        os.environ.update(_read_variables(stage, function))
        from app import app  # type: ignore[import-not-found]  # the project's own

        with Client(app, stage_name=stage) as client:
            answer = client.lambda_.invoke(_find_registered(app, function), event)
        return {"value": json.loads(json.dumps(answer.payload))}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


def _find_registered(app: Any, function: str) -> str:
    """The name of a handler by that of its Lambda function, which WebSocket APIs give theirs."""
    routes = {
        "websocket_connect": "$connect",
        "websocket_message": "$default",
        "websocket_disconnect": "$disconnect",
    }
    handler = app.websocket_handlers.get(routes.get(function))
    return handler.name if handler else function


def _read_variables(stage: str, function: str) -> dict[str, str]:
    from chalice.cli.factory import CLIFactory

    if not Path(".chalice/config.json").exists():
        return {}
    config = CLIFactory(".").create_config_obj(chalice_stage_name=stage)
    variables: dict[str, str] = config.scope(stage, function).environment_variables
    return variables


def main() -> None:
    request = json.load(sys.stdin)
    # What the function prints goes to its log.
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Chalice deploys what is in vendor/ beside app.py.
    sys.path[:0] = [".", "vendor"]
    json.dump(call(request["stage"], request["function"], request["event"]), answer)
    answer.close()


if __name__ == "__main__":
    main()
