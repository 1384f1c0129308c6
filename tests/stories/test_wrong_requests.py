# SPDX-License-Identifier: MIT
"""Whatever is wrong with a request is told as JSON, and nothing is created."""

import json
import os
import pathlib
import signal
import socket

import pytest
import redis

import fastcgi
from stack.answer import Answer

SETTINGS = {"MAX_REQUEST_KB": "64"}
LIMIT = 64 * 1024
GOOD = {"to": "a@b.example", "subject": "s", "body": "b"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def rig(new_rig):
    rig = new_rig()
    rig.stack.services.remove(rig.worker)
    return rig.start()


@pytest.fixture(scope="module")
def store(rig):
    return redis.Redis.from_url(rig.redis.url)


@pytest.fixture(autouse=True)
def nothing_is_created(request, store):
    """But by a test that says so in its name."""
    before = jobs(store)
    yield
    assert jobs(store) - before == ("is_taken" in request.node.name)


def jobs(store):
    count = store.zcard("jobs:created")
    assert count == len(store.keys("job:*"))
    return count


def assert_problem(answer, status, name="validation_error"):
    assert answer.status == status, answer
    assert answer.headers["Content-Type"].startswith("application/json")
    problem = answer.json
    assert problem["statusCode"] == status
    assert problem["name"] == name
    assert problem["error"] and problem["message"]
    return {fault["field"]: fault["message"] for fault in problem["details"]}


# -- bodies


def nested(depth):
    return b'{"to":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"


NO_MAILS = {
    "empty": (b"", "is empty: a JSON object is needed"),
    "blank": (b" \n", "an end where more is needed at byte 2"),
    "cut": (b'{"to":"a', "an end where more is needed at byte 8"),
    "no JSON": (b"to=a@b.c", "something that is no value at byte 0"),
    "a list": (b"[]", "must be a JSON object, not a list"),
    "null": (b"null", "must be a JSON object, not null"),
    "trailing bytes": (b"{} x", "bytes behind the value at byte 3"),
    "two values": (b"{}{}", "bytes behind the value at byte 2"),
    "a NUL behind": (b"{}\0", "bytes behind the value at byte 2"),
    "a mark before": (b"\xef\xbb\xbf{}", "no value at byte 0"),
    "a trailing comma": (b'{"to":1,}', "something else than a key at byte 8"),
    "a comment": (b"{/**/}", "something else than a key at byte 1"),
    "duplicate keys": (b'{"to":1,"to":1}', "key that occurs twice at byte 8"),
    "escaped duplicate": (b'{"to":1,"\\u0074o":1}',
                          "key that occurs twice at byte 8"),
    "deep duplicate": (b'{"to":{"a":1,"a":1}}',
                       "key that occurs twice at byte 13"),
    "depth 17": (nested(17), "more than 16 levels at byte 21"),
    "invalid UTF-8": (b'{"to":"\xff"}', "invalid UTF-8 at byte 7"),
    "overlong UTF-8": (b'{"to":"\xc0\xaf"}', "invalid UTF-8 at byte 7"),
    "a raw surrogate": (b'{"to":"\xed\xa0\x80"}', "invalid UTF-8 at byte 7"),
    "UTF-16": ('{"to":1}'.encode("utf-16"), "no value at byte 0"),
    "a lone high": (rb'{"to":"\ud83d"}', "a lone surrogate at byte 7"),
    "a lone low": (rb'{"to":"\udc00"}', "a lone surrogate at byte 7"),
    "two highs": (rb'{"to":"\ud83d\ud83d"}', "a lone surrogate at byte 7"),
    "\\u0000": (rb'{"to":"a\u0000"}', "a \\u0000 at byte 8"),
    "a raw NUL": (b'{"to":"a\0"}', "a control character in a string"),
    "a raw line end": (b'{"to":"a\n"}', "a control character in a string"),
    "NaN": (b'{"to":NaN}', "something that is no value at byte 6"),
    "Infinity": (b'{"to":-Infinity}', "a number without digits at byte 7"),
    "1e999": (b'{"to":1e999}', "a number out of range at byte 6"),
    "a long integer": (b'{"to":9223372036854775808}', "a number out of range"),
    "01": (b'{"to":01}', "something else than ',' or '}' at byte 7"),
    "single quotes": (b"{'to':1}", "something else than a key at byte 1"),
}


@pytest.mark.parametrize("body, why", NO_MAILS.values(), ids=NO_MAILS)
def test_what_is_no_mail(client, body, why):
    answer = client.ask("POST", "/api/emails", body, headers=JSON)
    [(field, message)] = assert_problem(answer, 400).items()
    assert field == "" and why in message, message


def test_sixteen_levels_are_read(client):
    answer = client.ask("POST", "/api/emails", nested(16), headers=JSON)
    assert assert_problem(answer, 400)["to[0]"] == (
        "must be a string, not a list")


# -- fields

A_LIST = "must be a string or a list of strings, not "
FIELDS = {
    "nothing": ({}, {"to": "is required", "subject": "is required",
                     "body": "is required"}),
    "no recipient": ({"subject": "s", "body": "b"}, {"to": "is required"}),
    "no recipients": (GOOD | {"to": []}, {"to": "must not be empty"}),
    "empty": (GOOD | {"to": "", "subject": "", "body": ""},
              {field: "must not be empty" for field in GOOD}),
    "wrong types": (GOOD | {"to": 1, "subject": ["s"], "body": None,
                            "from": {}},
                    {"to": A_LIST + "a number",
                     "subject": "must be a string, not a list",
                     "body": "must be a string, not null",
                     "from": "must be a string, not an object"}),
    "wrong items": (GOOD | {"to": ["a@b.example", None, "", "x"]},
                    {"to[1]": "must be a string, not null",
                     "to[2]": "must not be empty", "to[3]": "has no @"}),
    "51 recipients": (GOOD | {"to": [f"r{i}@b.example" for i in range(51)]},
                      {"to": "has 51 items; 50 are allowed"}),
    "body and text": (GOOD | {"text": "b"}, {
        "text": "is another name of body: give one of the two"}),
    "unknown": (GOOD | {"bodi": "b", "Subject": "s", "zzzzzz": 1},
                {"bodi": "is not a field: did you mean body?",
                 "Subject": "is not a field: did you mean subject?",
                 "zzzzzz": "is not a field"}),
    "999 bytes": (GOOD | {"subject": "s" * 999},
                  {"subject": "has 999 bytes; 998 are allowed"}),
    "999 bytes of UTF-8": (GOOD | {"subject": "ü" * 499 + "s"},
                           {"subject": "has 999 bytes; 998 are allowed"}),
}


@pytest.mark.parametrize("mail, faults", FIELDS.values(), ids=FIELDS)
def test_fields(client, mail, faults):
    assert assert_problem(client.post(mail), 400) == faults


NO_LINE = ("must not hold line breaks, other control characters or bidi "
           "controls")
HEADER_BOUND = ["\r", "\n", "\r\nBcc: x@y.example", "\x00", "\x1b[2J", "\x7f",
                "\x85", "\u2028", "\u202e", "\u2066"]


@pytest.mark.parametrize("text", HEADER_BOUND, ids=ascii)
@pytest.mark.parametrize("field, value", [
    ("subject", "s{}s"), ("subject", "s{}"), ("from", "Na{}me <a@b.example>"),
    ("from", '"Na{}me" <a@b.example>'), ("from", "Name <a{}@b.example>"),
    ("to", "Na{}me <a@b.example>"), ("to", "a@b.example{}")])
def test_what_is_bound_for_a_header_ends_no_line(client, field, value, text):
    faults = assert_problem(
        client.post(GOOD | {field: value.format(text)}), 400)
    if text == "\x00":  # in JSON already
        assert faults[""].startswith("is not valid JSON: a \\u0000 at byte")
    else:
        assert faults == {field: NO_LINE}


INVISIBLE = "has control, bidi or other invisible characters"
MIXED = "has a domain that mixes scripts within a label"
ADDRESSES = {
    "a@b@c": "has a part before the @ that is not allowed",
    "@x": "has a part before the @ that is not allowed",
    "a@": "has a domain that is not valid",
    "a@-x": "has a domain that is not valid",
    "a@x..y": "has a domain that is not valid",
    ".a@x": "has a part before the @ that is not allowed",
    "a.@x": "has a part before the @ that is not allowed",
    '"x@y z"@w': "has a part before the @ that is not allowed",
    "(c)a@b": "has a part before the @ that is not allowed",
    "a@[127.0.0.1]": "has a domain that is not valid",
    "a@127.0.0.1": "has a domain that is not valid",
    "a%b@c": "has a part before the @ that is not allowed",
    "x <a@b>, <c@d>": "holds more than one address",
    "a@b, c@d": "holds more than one address",
    "=?utf-8?q?a?= <a@b.example>": "has a display name that is not allowed",
    "=?utf-8?q?a?=@b.example": "has a part before the @ that is not allowed",
    "a" * 65 + "@b.example": "has more than 64 bytes before the @",
    "a@" + "b" * 61 + ("." + "b" * 63) * 3: "is longer than 254 bytes",
    "a": "has no @",
    " ": "is empty",
    "pay\u200bpal@b.example": INVISIBLE,
    "a\u200d@b.example": INVISIBLE,
    "a\u202e@b.example": NO_LINE,
    "a\u200f@b.example": INVISIBLE,
    "a@pay\u200bpal.example": INVISIBLE,
    "a@\u2067b.example": NO_LINE,
    "a@p\u0430ypal.example": MIXED,  # a Cyrillic a
    "a@xn--pypal-4ve.example": MIXED,  # the same
    "a@g\u03bf\u03bfgle.example": MIXED,  # a Greek o
    "ü" * 32 + "a@b.example": "has more than 64 bytes before the @",
    "a\uff20b@b.example": "has a part before the @ that is not allowed",
    "a@\U0001f4a9.example": "has a domain that is not valid",
    "Na\u202eme <a@b.example>": NO_LINE,
    "Na\u200eme <a@b.example>": "has a display name that is not allowed",
    "Na\u200bme <a@b.example>": "has a display name that is not allowed",
}


@pytest.mark.parametrize("address, why", ADDRESSES.items(),
                         ids=lambda text: ascii(text[:20]))
def test_addresses(client, address, why):
    mail = GOOD | {"to": [address, "a@b.example", address], "from": address}
    assert assert_problem(client.post(mail), 400) == {
        "to[0]": why, "to[2]": why, "from": why}


# -- HTTP: what lighttpd judges, and what it passes on


def say(rig, text):
    """The answers to these bytes, until the server closes."""
    with socket.create_connection(("127.0.0.1", rig.lighttpd.port), 10) as link:
        link.sendall(text)
        with link.makefile("rb") as stream:
            answers = []
            while line := stream.readline():
                status, headers = int(line.split()[1]), {}
                while (line := stream.readline().decode().strip()):
                    name, _, value = line.partition(": ")
                    headers[name] = value
                body = stream.read(int(headers.get("Content-Length", 0)))
                answers.append(Answer(status, headers, body))
            return answers


def post(headers, body=b"{}"):
    lines = [b"POST /api/emails HTTP/1.1", b"Host: x", b"Connection: close",
             *headers, b"", body]
    return b"\r\n".join(lines)


def get(line=b"GET /health HTTP/1.1", *headers):
    return b"\r\n".join([line, b"Host: x", b"Connection: close", *headers,
                         b"", b""])


LENGTH = b"Content-Length: 2"
CHUNKED = b"Transfer-Encoding: chunked"
ONE_CHUNK = b"2\r\n{}\r\n0\r\n\r\n"
NO_VERSION = (505, 400)  # lighttpd 1.4.69 says the one, 1.4.79 the other
BY_LIGHTTPD = {
    "no HTTP": (b"\x16\x03\x01\r\n\r\n", 400),
    "no Host": (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "two Hosts": (get(b"GET / HTTP/1.1", b"Host: y"), 400),
    "two lengths": (post([LENGTH, LENGTH]), 400),
    "two Content-Types": (post([LENGTH, b"Content-Type: application/json",
                                b"Content-Type: text/plain"]), 400),
    "length and chunks": (post([LENGTH, CHUNKED], ONE_CHUNK), 400),
    "no number": (post([b"Content-Length: x"]), 400),
    "a negative length": (post([b"Content-Length: -1"]), 400),
    "a bad chunk": (post([CHUNKED], b"zz\r\n{}\r\n0\r\n\r\n"), 400),
    "a control byte": (get(b"GET / HTTP/1.1", b"X: a\x01"), 400),
    "a NUL": (get(b"GET / HTTP/1.1", b"X: a\0"), 400),
    "a bare CR": (get(b"GET / HTTP/1.1", b"X: a\rb"), 400),
    "a line end in the path": (get(b"GET /x%0ay HTTP/1.1"), 400),
    "CONNECT": (get(b"CONNECT a:1 HTTP/1.1"), 400),
    "a body for GET": (get(b"GET / HTTP/1.1", LENGTH) + b"{}", 400),
    "no length": (post([]), 411),
    "too large": (post([b"Content-Length: %d" % (LIMIT + 1)]), 413),
    "too large in chunks": (post([CHUNKED], b"1000\r\n%b\r\n" % (b"x" * 4096)
                                 * 17 + b"0\r\n\r\n"), 413),
    "a large header": (post([LENGTH, b"X: " + b"x" * 20000]), 431),
    "many headers": (post([LENGTH] + [b"X%d: x" % i for i in range(3000)]),
                     431),
    "a large path": (get(b"GET /" + b"x" * 20000 + b" HTTP/1.1"), 431),
    "a method of its own": (get(b"BREW / HTTP/1.1"), 501),
    "compressed": (post([b"Transfer-Encoding: gzip, chunked"], ONE_CHUNK), 501),
    "HTTP/3": (get(b"GET / HTTP/3.0"), NO_VERSION),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NO_VERSION),
}
NAMES = {413: "payload_too_large", 501: "method_not_allowed"}


@pytest.mark.parametrize("text, status", BY_LIGHTTPD.values(), ids=BY_LIGHTTPD)
def test_what_lighttpd_answers_is_json_too(rig, text, status):
    [answer] = say(rig, text)
    if status == NO_VERSION:
        assert answer.status in NO_VERSION
        status = answer.status
    assert_problem(answer, status, NAMES.get(status, "validation_error"))


def test_on_a_kept_connection_each_request_is_judged(rig):
    kept = get(b"PUT /api/emails HTTP/1.1", LENGTH).replace(
        b"Connection: close\r\n", b"") + b"{}"
    answers = say(rig, kept + kept + get(b"BREW / HTTP/1.1"))
    for answer in answers[:2]:
        assert_problem(answer, 405, "method_not_allowed")
    assert_problem(answers[2], 501, "method_not_allowed")


def test_an_answer_comes_whole(rig):
    [answer] = say(rig, get(b"GET /health HTTP/1.1", b"Range: bytes=9999-"))
    assert answer.status == 200 and answer.json["status"]


AUTHORIZATION = b"Authorization: Bearer a"
KEY = b"Idempotency-Key: a"
TWICE = {
    "Authorization": [AUTHORIZATION, b"Authorization: Bearer b"],
    "authorization": [AUTHORIZATION, b"authorization: Bearer a"],
    "Idempotency-Key": [KEY, KEY],
    "Idempotency_Key": [KEY, b"Idempotency_Key: b"],
    "Idempotency_Key first": [b"Idempotency_Key: b", KEY],
}


@pytest.mark.parametrize("headers", TWICE.values(), ids=TWICE)
def test_headers_that_come_twice(rig, headers):
    good = json.dumps(GOOD).encode()
    [answer] = say(rig, post([b"Content-Length: %d" % len(good), *headers],
                             good))
    field = headers[0].partition(b":")[0].decode().replace("_", "-")
    assert assert_problem(answer, 400) == {field: "must come only once"}


@pytest.mark.parametrize("method, path, allow", [
    *((method, "/api/emails", {"GET", "HEAD", "POST"})
      for method in ("DELETE", "TRACE", "OPTIONS")),
    ("POST", "/health", {"GET", "HEAD"}),
    ("PUT", "/api/emails/x", {"GET", "HEAD", "PATCH"}),
    ("POST", "/api/jobs/history", {"GET", "HEAD"})])
def test_wrong_methods(client, method, path, allow):
    answer = client.ask(method, path, b"" if method == "POST" else None)
    assert_problem(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allow


@pytest.mark.parametrize("path", [
    "/", "/api", "/api/", "/api/emails/", "/api/emailz", "/api/emails/x/y",
    "/api//emails", "/api/emails/..", "/api/emails/x%zz",
    "/api/emails/" + "x" * 300, "/health/"], ids=lambda path: path[:20])
def test_wrong_paths(client, path):
    assert_problem(client.get(path), 404, "not_found")


@pytest.mark.parametrize("kind", [
    "text/plain", "application/x-www-form-urlencoded", "multipart/form-data",
    "application/jsonp", "application/json-patch+json", "json", ";"])
def test_wrong_content_types(client, kind):
    answer = client.ask("POST", "/api/emails", json.dumps(GOOD).encode(),
                        headers={"Content-Type": kind})
    assert_problem(answer, 415, "unsupported_media_type")


# -- FastCGI: what no web server would say

PARAMS = (("REQUEST_METHOD", "POST"), ("REQUEST_URI", "/api/emails"),
          ("CONTENT_TYPE", "application/json"))
NOT_AS_MANY = {"": "does not have as many bytes as Content-Length says"}
NO_NUMBER = {"": "has a Content-Length that is not a number"}
LENGTHS = {
    "shorter": (["{}-1"], NOT_AS_MANY), "longer": (["{}+1"], NOT_AS_MANY),
    "zero": (["0"], NOT_AS_MANY), "missing": ([], NOT_AS_MANY),
    "empty": ([""], NOT_AS_MANY), "negative": (["-1"], NO_NUMBER),
    "a word": (["many"], NO_NUMBER), "hexadecimal": (["0x10"], NO_NUMBER),
    "a sign": (["+{}"], NO_NUMBER), "a blank": ([" {}"], NO_NUMBER),
    "twice": (["{}", "{}"], {"Content-Length": "must come only once"}),
}


def of(length, template):
    """"{}-1" is one less than the length."""
    if template[:2] == "{}":
        return str(length + int(template[2:] or 0))
    return template.format(length)


@pytest.mark.parametrize("lengths, faults", LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize("size", [0, 20000], ids=["small", "large"])
def test_lengths(rig, lengths, faults, size):
    body = json.dumps(GOOD).encode() + b" " * size
    params = [*PARAMS, *(("CONTENT_LENGTH", of(len(body), length))
                         for length in lengths)]
    answer = fastcgi.ask(rig.api.folder / rig.api.path, params, body)
    assert assert_problem(answer, 400) == faults


@pytest.mark.parametrize("length", [str(LIMIT + 1), "9" * 30])
def test_too_large_a_length(rig, length):
    answer = fastcgi.ask(rig.api.folder / rig.api.path,
                         [*PARAMS, ("CONTENT_LENGTH", length)], b"{}")
    assert_problem(answer, 413, "payload_too_large")


def test_all_that_is_wrong_with_the_headers_is_told_at_once(rig):
    answer = fastcgi.ask(rig.api.folder / rig.api.path, [
        *PARAMS, ("CONTENT_LENGTH", "2"), ("CONTENT_TYPE", "text/plain"),
        ("HTTP_AUTHORIZATION", "Bearer a"), ("HTTP_AUTHORIZATION", "Bearer a"),
        ("HTTP_IDEMPOTENCY_KEY", "a, b")], b"{}")
    assert set(assert_problem(answer, 400)) == {
        "Authorization", "Idempotency-Key", "Content-Type"}


@pytest.mark.parametrize("key", ["", "a\x7fb", "a\tb"])
def test_a_key_that_lighttpd_does_not_pass_on(rig, key):
    answer = fastcgi.ask(rig.api.folder / rig.api.path, [
        *PARAMS, ("CONTENT_LENGTH", "2"), ("HTTP_IDEMPOTENCY_KEY", key)], b"{}")
    assert_problem(answer, 400, "invalid_idempotency_key")


# -- what is not the client's fault


def half_of_a_mail(rig):
    """A link on which the API waits for the second half, and that half."""
    body = json.dumps(GOOD | {"body": "x" * 20_000}).encode()
    whole = fastcgi.request([*PARAMS, ("CONTENT_LENGTH", str(len(body)))],
                            body)
    link = fastcgi.connect(rig.api.folder / rig.api.path)
    link.sendall(whole[:-10_000])
    rig.api.wait_until(lambda: fastcgi.is_read(link), 30, "half a body read")
    return link, whole[-10_000:]


def is_stopped(pid):
    return all("\nState:\tT" in status.read_text() for status
               in pathlib.Path(f"/proc/{pid}/task").glob("*/status"))


def test_being_stopped_in_the_middle_of_a_body_is_taken(rig):
    """signal(7): SIGCONT interrupts a read that has a timeout."""
    link, rest = half_of_a_mail(rig)
    with link, link.makefile("rb") as stream:
        os.kill(rig.api.pid, signal.SIGSTOP)
        rig.api.wait_until(lambda: is_stopped(rig.api.pid), 30, "a stop")
        os.kill(rig.api.pid, signal.SIGCONT)
        link.sendall(rest)
        assert fastcgi.answer(stream).status == 201


def test_a_body_that_the_web_server_does_not_bring(rig):
    link, _ = half_of_a_mail(rig)
    with link, link.makefile("rb") as stream:
        answer = fastcgi.answer(stream)
    assert assert_problem(answer, 503, "service_unavailable") == {}


# -- after all that


def test_chunks_are_fine_and_the_mail_is_taken(rig):
    good = json.dumps(GOOD).encode()
    [answer] = say(rig, post([CHUNKED, b"Content-Type: application/json"],
                             b"%x\r\n%b\r\n0\r\n\r\n" % (len(good), good)))
    assert answer.status == 201, answer


def test_after_all_that_a_good_request_is_taken(client, store):
    answer = client.post(GOOD | {
        "from": "Zoë <zoë@Bücher.example>",
        "to": ["a@b.example", "Zoë <a@B.Example>", "ZOE\u0308@bÜcher.example",
               "ZO\xcb@XN--BCHER-kva.example", "a@例え.example"]})
    assert answer.status == 201, answer
    job = client.job(answer.json["job_id"])
    assert job["to"] == ["a@b.example", "ZO\xcb@xn--bcher-kva.example",
                         "a@xn--r8jz45g.example"]
    payload = json.loads(store.hget(f"job:{job['job_id']}", "payload"))
    assert payload["to"] == job["to"]
    assert payload["from"] == '"Zoë" <zoë@xn--bcher-kva.example>'
