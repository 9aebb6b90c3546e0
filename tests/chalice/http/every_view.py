"""Every behaviour of Chalice's views that was examined, each as a view of its own."""

import dataclasses
import datetime
import gzip
from decimal import Decimal
from urllib.parse import parse_qs

from chalice import (
    BadRequestError,
    Chalice,
    ChaliceViewError,
    ConflictError,
    CORSConfig,
    ForbiddenError,
    NotFoundError,
    Response,
    TooManyRequestsError,
    UnauthorizedError,
    UnprocessableEntityError,
)
from chalice.app import (
    ChaliceError,
    ChaliceUnhandledError,
    MethodNotAllowedError,
    MultiDict,
    RequestTimeoutError,
)

app = Chalice("demo")
PNG = b"\x89PNG\r\n\x00\xff"
CFG = CORSConfig(
    allow_origin="https://foo.example.com",
    allow_headers=["X-Special"],
    max_age=600,
    expose_headers=["X-Exp"],
    allow_credentials=True,
)
CRED = CORSConfig(allow_credentials=True)


@dataclasses.dataclass
class DC:
    a: int = 1


class Custom(ConflictError):
    pass


@app.route("/ret/dict")
def ret_dict():
    return {"a": 1, "b": [1, 2]}


@app.route("/ret/list")
def ret_list():
    return [1, 2]


@app.route("/ret/str")
def ret_str():
    return "hello"


@app.route("/ret/none")
def ret_none():
    return None


@app.route("/ret/int")
def ret_int():
    return 5


@app.route("/ret/float")
def ret_float():
    return 1.5


@app.route("/ret/bool")
def ret_bool():
    return True


@app.route("/ret/nonascii")
def ret_nonascii():
    return {"a": "h\u00e9\u2603"}


@app.route("/ret/nested")
def ret_nested():
    return {"a": {"b": None}}


@app.route("/ret/bytes")
def ret_bytes():
    return b"abc"


@app.route("/ret/decimal")
def ret_decimal():
    return {"a": Decimal("1.10"), "b": Decimal("3")}


@app.route("/ret/decimal_nan")
def ret_decimal_nan():
    return {"a": Decimal("NaN")}


@app.route("/ret/datetime")
def ret_datetime():
    return {"t": datetime.datetime(2020, 1, 1)}


@app.route("/ret/set")
def ret_set():
    return {1}


@app.route("/ret/tuple2")
def ret_tuple2():
    return ({"a": 1}, 201)


@app.route("/ret/tuple3")
def ret_tuple3():
    return (1, 2, 3)


@app.route("/ret/dataclass")
def ret_dataclass():
    return DC()


@app.route("/ret/date_key")
def ret_date_key():
    return {1: "a", None: "b"}


@app.route("/ret/multidict")
def ret_multidict():
    return MultiDict({"a": ["1", "2"]})


@app.route("/ret/emptystr")
def ret_emptystr():
    return ""


@app.route("/resp/dict")
def resp_dict():
    return Response({"a": 1})


@app.route("/resp/str")
def resp_str():
    return Response("plain")


@app.route("/resp/html")
def resp_html():
    return Response("<p>x</p>", headers={"Content-Type": "text/html"})


@app.route("/resp/lower_ct_dict")
def resp_lower_ct_dict():
    return Response({"a": 1}, headers={"content-type": "application/json"})


@app.route("/resp/multi")
def resp_multi():
    return Response("x", headers={"Content-Type": "text/plain", "X-M": ["a", "b"]})


@app.route("/resp/cookies")
def resp_cookies():
    return Response("x", headers={"Content-Type": "text/plain", "Set-Cookie": ["a=1; Path=/", "b=2"]})


@app.route("/resp/int_header")
def resp_int_header():
    return Response("x", headers={"X-N": 5})


@app.route("/resp/newline_header")
def resp_newline_header():
    return Response("x", headers={"X-N": "a\nb"})


@app.route("/resp/status204")
def resp_status204():
    return Response("", status_code=204)


@app.route("/resp/status204_none")
def resp_status204_none():
    return Response(None, status_code=204)


@app.route("/resp/dict_textplain")
def resp_dict_textplain():
    return Response({"a": 1}, headers={"Content-Type": "text/plain"})


@app.route("/resp/redirect")
def resp_redirect():
    return Response("", headers={"Location": "/x"}, status_code=302)


@app.route("/resp/status_str")
def resp_status_str():
    return Response("", status_code="201")


@app.route("/resp/bytes_png")
def resp_bytes_png():
    return Response(PNG, headers={"Content-Type": "image/png"})


@app.route("/resp/bytes_octet")
def resp_bytes_octet():
    return Response(b"x", headers={"Content-Type": "application/octet-stream"})


@app.route("/resp/str_png")
def resp_str_png():
    return Response("notbytes", headers={"Content-Type": "image/png"})


@app.route("/resp/bytes_text")
def resp_bytes_text():
    return Response(b"abc", headers={"Content-Type": "text/plain"})


@app.route("/resp/json_bytes")
def resp_json_bytes():
    return Response(b'{"a":1}', headers={"Content-Type": "application/json"})


@app.route("/resp/none_body")
def resp_none_body():
    return Response(None, headers={"Content-Type": "text/plain"})


@app.route("/resp/positional")
def resp_positional():
    return Response({"a": 1}, {"X-A": "1"}, 201)


@app.route("/err/ChaliceViewError")
def err_ChaliceViewError():
    raise ChaliceViewError("msg ChaliceViewError")


@app.route("/err/BadRequestError")
def err_BadRequestError():
    raise BadRequestError("msg BadRequestError")


@app.route("/err/UnauthorizedError")
def err_UnauthorizedError():
    raise UnauthorizedError("msg UnauthorizedError")


@app.route("/err/ForbiddenError")
def err_ForbiddenError():
    raise ForbiddenError("msg ForbiddenError")


@app.route("/err/NotFoundError")
def err_NotFoundError():
    raise NotFoundError("msg NotFoundError")


@app.route("/err/MethodNotAllowedError")
def err_MethodNotAllowedError():
    raise MethodNotAllowedError("msg MethodNotAllowedError")


@app.route("/err/RequestTimeoutError")
def err_RequestTimeoutError():
    raise RequestTimeoutError("msg RequestTimeoutError")


@app.route("/err/ConflictError")
def err_ConflictError():
    raise ConflictError("msg ConflictError")


@app.route("/err/UnprocessableEntityError")
def err_UnprocessableEntityError():
    raise UnprocessableEntityError("msg UnprocessableEntityError")


@app.route("/err/TooManyRequestsError")
def err_TooManyRequestsError():
    raise TooManyRequestsError("msg TooManyRequestsError")


@app.route("/err/custom")
def err_custom():
    raise Custom("c")


@app.route("/err/noargs")
def err_noargs():
    raise BadRequestError()


@app.route("/err/twoargs")
def err_twoargs():
    raise BadRequestError("a", "b")


@app.route("/err/unhandled")
def err_unhandled():
    raise ValueError("boom")


@app.route("/err/keyerror")
def err_keyerror():
    return {}["x"]


@app.route("/err/chaliceerror")
def err_chaliceerror():
    raise ChaliceError("x")


@app.route("/err/unhandledclass")
def err_unhandledclass():
    raise ChaliceUnhandledError("x")


@app.route("/err/systemexit")
def err_systemexit():
    raise SystemExit(1)


@app.route("/")
def index():
    return {"root": True}


@app.route("/users/{name}")
def user(name):
    return {"name": name}


@app.route("/u/{uid}/p/{pid}")
def two(pid, uid):
    return {"uid": uid, "pid": pid}


@app.route("/files/{proxy+}")
def files():
    return {"proxy": app.current_request.uri_params["proxy"]}


@app.route("/v1.0/x")
def dot():
    return "dot"


@app.route("/prec/{x}/c")
def prec1(x):
    return "prec1"


@app.route("/prec/b/{y}")
def prec2(y):
    return "prec2"


@app.route("/multi", methods=["GET", "PUT", "HEAD"])
def multi():
    return {"m": app.current_request.method}


@app.route("/echo")
def echo():
    r = app.current_request
    q = r.query_params
    return {
        "isnone": q is None,
        "truthy": bool(q),
        "a": q.get("a") if q else None,
        "list": q.getlist("a") if q and "a" in q else None,
        "dict": dict(q or {}),
        "sv": r.stage_vars,
        "up": r.uri_params,
    }


@app.route("/hdr")
def hdr():
    h = app.current_request.headers
    return {
        "lower": h["x-foo"],
        "upper": h.get("X-FOO"),
        "in": "x-Foo" in h,
        "keys": sorted(h),
        "missing": h.get("nope", "d"),
    }


@app.route("/ctx")
def ctx():
    c = app.current_request.context
    return {"sub": c["authorizer"]["claims"]["sub"], "id": c["identity"]["sourceIp"], "get": c.get("nope")}


@app.route("/jb", methods=["POST"], content_types=["application/json", "text/plain"])
def jb():
    return {"jb": app.current_request.json_body}


@app.route("/rb", methods=["POST"])
def rb():
    b = app.current_request.raw_body
    return {"t": type(b).__name__, "hex": b.hex()}


@app.route("/ct/default", methods=["POST"])
def ctd():
    return "ok"


@app.route("/ct/form", methods=["POST"], content_types=["application/x-www-form-urlencoded"])
def ctf():
    return parse_qs(app.current_request.raw_body.decode())


@app.route("/ct/star", methods=["POST"], content_types=["*/*"])
def cts():
    return "ok"


@app.route("/ct/empty", methods=["POST"], content_types=[])
def cte():
    return "ok"


@app.route("/cors/simple", cors=True)
def c1():
    return {"ok": 1}


@app.route("/cors/config", cors=CFG)
def c2():
    return {"ok": 1}


@app.route("/cors/cred", cors=CRED)
def c3():
    return {"ok": 1}


@app.route("/cors/own_header", cors=True)
def c4():
    return Response({"ok": 1}, headers={"Access-Control-Allow-Origin": "https://mine"})


@app.route("/cors/err", cors=True)
def c5():
    raise NotFoundError("x")


@app.route("/cors/unhandled", cors=True)
def c6():
    raise ValueError("x")


@app.route("/cors/form415", methods=["POST"], cors=True)
def c7():
    return "x"


@app.route("/todict")
def todict():
    d = app.current_request.to_dict()
    return {
        "keys": sorted(d),
        "d": {k: d[k] for k in ("query_params", "uri_params", "method", "stage_vars", "path")},
        "h": d["headers"],
    }


@app.route("/orig")
def orig():
    return sorted(app.current_request.to_original_event())


@app.route("/lctx")
def lctx():
    return {"a": app.lambda_context.function_name, "b": app.current_request.lambda_context.aws_request_id}


@app.route("/pth/{i}")
def pth(i):
    return {"path": app.current_request.path, "method": app.current_request.method}


@app.route("/gz")
def gz():
    return Response(
        gzip.compress(b'{"a":1}', mtime=0),
        headers={"Content-Type": "application/octet-stream", "Content-Encoding": "gzip"},
    )


@app.route("/mw")
def mw():
    return {"seen": None}


@app.route("/mwerr")
def mwerr():
    raise BadRequestError("x")
