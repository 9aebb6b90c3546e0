"""Calls one handler with many events as Lambda would, each in a process of its own that can do no harm.

Run as `python -I host.py`, the request as JSON on stdin, an answer as JSON for each event on stdout. It
stands alone: nothing of paws is imported where somebody else's code runs.

Time, random numbers and AWS's answers are the same for every call, so that two forms of one handler can be
compared. An audit hook (https://docs.python.org/3/library/sys.html#sys.addaudithook) refuses the network,
other processes and files outside the sandbox; it is there against accidents, and no wall against malice.
"""

from __future__ import annotations

import contextlib
import datetime
import decimal
import importlib
import io
import json
import os
import random
import re
import select
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

# 2024-05-01T12:00:00Z, in a month with no change of clocks.
NOW = 1714564800.0

_BLOCKED = (
    "os.exec",
    "os.fork",
    "os.kill",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "socket.",
    "subprocess.",
)
_HARMLESS = {"socket.__new__", "socket.gethostname"}
_CHANGES = {
    "os.chmod",
    "os.chown",
    "os.link",
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
    "os.truncate",
    "os.utime",
    "shutil.copyfile",
    "shutil.move",
    "shutil.rmtree",
}


class Blocked(PermissionError):
    """What a sandbox does not allow; the handler sees an OSError."""


class Context:
    """https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

    function_name = "verify"
    function_version = "$LATEST"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:verify"
    memory_limit_in_mb = "128"
    aws_request_id = "00000000-0000-0000-0000-000000000000"
    log_group_name = "/aws/lambda/verify"
    log_stream_name = "verify"
    identity = None
    client_context = None

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def main() -> None:
    request = json.load(sys.stdin)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # What a handler prints goes to its log, and its log is not compared.
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    _limit(request)
    freeze()
    _open_layer(request)
    sys.path[:0] = request["paths"]
    watch = Watch(request["root"])
    handler = _find_handler(request, watch)
    for event in request["events"]:
        answer = handler if isinstance(handler, dict) else _call_apart(handler, event, request, watch)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _limit(request: dict[str, Any]) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (request["memory"], request["memory"]))
        resource.setrlimit(resource.RLIMIT_FSIZE, (request["file_size"], request["file_size"]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _open_layer(request: dict[str, Any]) -> None:
    """`sys.path.append("/opt")` finds the layer where the sandbox has it."""

    def open_opt(path: str) -> Any:
        if path.rstrip("/") != "/opt":
            raise ImportError
        return LayerRoot(request["opt"])

    sys.path_hooks.insert(0, open_opt)


class LayerRoot:
    """Finds what lies in /opt itself, where Lambda looks only if the code adds it to sys.path."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def find_spec(self, fullname: str, target: Any = None) -> Any:
        return importlib.machinery.PathFinder.find_spec(fullname, [self._folder])


# --- what is seen of a call ------------------------------------------------------------


class Watch:
    """What a handler did: the calls to AWS, the lines of the project that ran, what was refused."""

    def __init__(self, root: str) -> None:
        self.root = os.path.realpath(root)
        self.calls: list[Any] = []
        self.lines: set[tuple[str, int]] = set()
        self.refused = ""
        self._files: dict[str, str] = {}
        self.is_armed = False

    def start(self) -> None:
        """From here on, whenever it is armed."""
        self.is_armed = True
        sys.addaudithook(self._audit)
        _record_aws(self.calls)

    def trace(self, frame: Any, event: str, argument: Any) -> Any:
        name = frame.f_code.co_filename
        if name not in self._files:
            path = os.path.realpath(name)
            is_own = path.startswith(self.root + os.sep)
            self._files[name] = os.path.relpath(path, self.root) if is_own else ""
        if not self._files[name]:
            return None
        self.lines.add((self._files[name], frame.f_lineno))
        return self.trace

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.is_armed:
            return
        if event.startswith(_BLOCKED) and event not in _HARMLESS:
            self._refuse(f"it uses {event.replace('.__new__', '')}")
        elif event == "open":
            path, mode, flags = arguments
            writes = mode and set(mode) & set("wax+")
            if writes or (isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)):
                self._check(path, "writes")
        elif event in _CHANGES:
            for path in arguments[:2]:
                if isinstance(path, (str, bytes, os.PathLike)):
                    self._check(path, f"calls {event} on")

    def _check(self, path: Any, what: str) -> None:
        if isinstance(path, int):
            return
        found = os.path.realpath(os.fsdecode(path))
        if found != os.devnull and not found.startswith(self.root + os.sep):
            self._refuse(f"it {what} {os.fsdecode(path)}, outside of the sandbox")

    def _refuse(self, reason: str) -> None:
        self.refused = self.refused or reason
        raise Blocked(reason)


def _record_aws(calls: list[Any]) -> None:
    """Calls by boto3 are noted, and answered by botocore's own description of the operation."""
    try:
        from botocore.client import BaseClient
    except ImportError:
        return

    def call(self: Any, operation: str, parameters: Any) -> Any:
        model = self.meta.service_model
        calls.append([model.service_name, operation, json.loads(json.dumps(parameters, default=_show))])
        shape = model.operation_model(operation).output_shape
        answer = _make_up(shape, 0) if shape is not None else {}
        metadata = {"HTTPStatusCode": 200, "RequestId": "0", "HTTPHeaders": {}, "RetryAttempts": 0}
        return {**answer, "ResponseMetadata": metadata}

    BaseClient._make_api_call = call


def _show(value: Any) -> Any:
    """A parameter that JSON has no form for, without where it lies in memory."""
    if type(value).__module__ == "boto3.dynamodb.conditions":
        return [type(value).__name__, vars(value)]
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


_NEXT_PAGE = ("token", "marker", "lastevaluatedkey")


def _make_up(shape: Any, depth: int) -> Any:
    """A small value of an output shape. Tokens for a next page are left out, so that nobody asks for ever."""
    kind = shape.type_name
    if shape.name == "AttributeValue":
        # A union of DynamoDB's types: an item has one of them.
        return {"S": "text"}
    if kind == "structure":
        members = shape.members.items() if depth < 5 else ()
        streamed = shape.serialization.get("payload")
        return {
            name: _make_stream()
            if name == streamed and member.type_name == "blob"
            else _make_up(member, depth + 1)
            for name, member in members
            if not name.lower().endswith(_NEXT_PAGE)
        }
    if kind == "list":
        return [_make_up(shape.member, depth + 1)] if depth < 5 else []
    if kind == "map":
        return {"key": _make_up(shape.value, depth + 1)} if depth < 5 else {}
    if kind == "timestamp":
        return datetime.datetime.fromtimestamp(NOW, datetime.timezone.utc)
    if kind == "string" and shape.enum:
        return shape.enum[0]
    values: dict[str, Any] = {"blob": b"text", "boolean": False, "string": "text"}
    return values.get(kind, 1)


def _make_stream() -> Any:
    from botocore.response import StreamingBody

    return StreamingBody(io.BytesIO(b"{}"), 2)


# --- the same every time ----------------------------------------------------------------


def freeze() -> None:
    """Make the clock, random numbers and ids the same in every process."""
    import threading  # noqa: F401 - it takes the real clock with it

    os.urandom = _make_bytes
    random._urandom = _make_bytes  # type: ignore[attr-defined]
    uuid.uuid1 = _make_uuid(1)
    uuid.uuid4 = _make_uuid(4)
    time.time = lambda: NOW
    time.time_ns = lambda: int(NOW) * 10**9
    time.perf_counter = lambda: NOW
    time.sleep = _sleep
    for name in ("gmtime", "localtime"):
        setattr(time, name, _at_now(getattr(time, name)))
    real_strftime = time.strftime

    def strftime(text: str, when: Any = None) -> str:
        return real_strftime(text, when or time.gmtime())

    time.strftime = strftime
    _freeze_dates()


# What stands for the machine's own randomness; each call begins it anew.
_RANDOM = random.Random(0)


def _sleep(seconds: Any) -> None:
    pass


def _make_bytes(size: int) -> bytes:
    return _RANDOM.getrandbits(8 * size).to_bytes(size, "big") if size else b""


def _make_uuid(version: int) -> Any:
    def make(*given: Any) -> uuid.UUID:
        return uuid.UUID(int=_RANDOM.getrandbits(128), version=version)

    return make


def _at_now(real: Callable[[float], Any]) -> Callable[[float | None], Any]:
    def at(seconds: float | None = None) -> Any:
        return real(NOW if seconds is None else seconds)

    return at


def _freeze_dates() -> None:
    real_datetime: Any = datetime.datetime
    real_date: Any = datetime.date

    class OfDatetime(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, real_datetime)

    class OfDate(type):
        def __instancecheck__(cls, instance: Any) -> bool:
            return isinstance(instance, real_date)

    class FrozenDatetime(real_datetime, metaclass=OfDatetime):  # type: ignore[misc]
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return real_datetime.fromtimestamp(NOW, tz)

        @classmethod
        def utcnow(cls) -> Any:
            return real_datetime.fromtimestamp(NOW, datetime.timezone.utc).replace(tzinfo=None)

        @classmethod
        def today(cls) -> Any:
            return real_datetime.fromtimestamp(NOW)

    class FrozenDate(real_date, metaclass=OfDate):  # type: ignore[misc]
        @classmethod
        def today(cls) -> Any:
            return real_date.fromtimestamp(NOW)

    FrozenDatetime.__name__ = FrozenDatetime.__qualname__ = "datetime"
    FrozenDate.__name__ = FrozenDate.__qualname__ = "date"
    datetime.datetime = FrozenDatetime  # type: ignore[misc]
    datetime.date = FrozenDate  # type: ignore[misc]


# --- calls --------------------------------------------------------------------------------


def _find_handler(request: dict[str, Any], watch: Watch) -> Any:
    """The handler, or the answer that every event gets because there is none."""
    module, _, name = request["handler"].rpartition(".")
    if request["hidden"]:
        sys.meta_path.insert(0, Hidden(request["hidden"]))
    try:
        with _at_most(request["seconds"]):
            # botocore is there before the hook: it opens a good deal of its own files.
            with contextlib.suppress(ImportError):
                importlib.import_module("botocore.session")
            watch.start()
            sys.settrace(watch.trace)
            found = getattr(importlib.import_module(module.replace("/", ".")), name)
    except ModuleNotFoundError as error:
        return {"failed": f"{error.name} is not installed"}
    except TimeoutError:
        return {"failed": f"importing it does not end within {request['seconds']} seconds"}
    except BaseException as error:
        refused = watch.refused and f" ({watch.refused})"
        return {"failed": f"importing it raises {type(error).__name__}: {error}{refused}"}
    finally:
        sys.settrace(None)
        watch.is_armed = False
    return found


class Hidden:
    """Packages that this machine has and Lambda would not."""

    def __init__(self, names: list[str]) -> None:
        self._names = set(names)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        if fullname.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


@contextlib.contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in what takes longer."""

    def stop(number: int, frame: Any) -> None:
        raise TimeoutError

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def _call_apart(handler: Any, event: Any, request: dict[str, Any], watch: Watch) -> dict[str, Any]:
    """The answer to one event, from a process that nothing of it outlives."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        watch.is_armed = True
        os.close(reading)
        with os.fdopen(writing, "w", encoding="utf-8") as pipe:
            json.dump(_call(handler, event, watch), pipe)
        _exit(0)
    os.close(writing)
    text, ended = _read_all(reading, time_left=request["seconds"])
    if not ended:
        os.kill(child, signal.SIGKILL)
    status = os.waitpid(child, 0)[1]
    if not ended:
        return {"failed": f"it does not end within {request['seconds']} seconds"}
    try:
        answer: dict[str, Any] = json.loads(text)
    except ValueError:
        code = os.waitstatus_to_exitcode(status)
        return {"failed": f"it ends its process ({f'exit code {code}' if code >= 0 else f'signal {-code}'})"}
    return answer


# As they are before a handler may change them.
_exit, _monotonic = os._exit, time.monotonic


def _read_all(source: int, time_left: float) -> tuple[str, bool]:
    """What comes through a pipe, and whether its other end was closed in time."""
    content, end = b"", _monotonic() + time_left
    while True:
        ready, _, _ = select.select([source], [], [], max(0, end - _monotonic()))
        if not ready:
            os.close(source)
            return "", False
        chunk = os.read(source, 65536)
        if not chunk:
            os.close(source)
            return content.decode("utf-8", "replace"), True
        content += chunk


def _call(handler: Any, event: Any, watch: Watch) -> dict[str, Any]:
    watch.calls.clear()
    watch.lines.clear()
    watch.refused = ""
    # Importing may have drawn some, on one side more than on the other.
    random.seed(0)
    _RANDOM.seed(0)
    answer: dict[str, Any] = {}
    sys.settrace(watch.trace)
    try:
        value = handler(event, Context())
        sys.settrace(None)
        answer = _marshal(value)
    except BaseException as error:
        sys.settrace(None)
        answer["error"] = type(error).__name__
        answer["message"] = str(error)[:500]
    if watch.refused:
        answer = {"failed": watch.refused}
    return {**answer, "calls": watch.calls, "lines": sorted(watch.lines)}


def _marshal_decimal(value: Any) -> float:
    """As awslambdaric.lambda_runtime_marshaller does."""
    if isinstance(value, decimal.Decimal):
        return float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _marshal(value: Any) -> dict[str, Any]:
    """What Lambda makes of a return value."""
    try:
        return {"value": json.loads(json.dumps(value, default=_marshal_decimal))}
    except (TypeError, ValueError, RecursionError) as error:
        return {"error": "Runtime.MarshalError", "message": str(error)[:500]}


if __name__ == "__main__":
    main()
