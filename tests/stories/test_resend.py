# SPDX-License-Identifier: MIT
"""Programs that use Resend's published SDK, of now and of years ago."""

import base64
import datetime
import email
import email.policy

import published
import pytest
from keys import Keys

# ctest: TIMEOUT 600

SETTINGS = {"AUTH": "required"}
FILE = bytes(range(256)) * 5
NEWEST, OLDER = "resend", "resend-4"
HOUR = datetime.timedelta(hours=1)
FROM = "Acme <onboarding@acme.example>"


class Sdk:
    """sdk(key, [method, ...arguments], ...): what the calls came to."""

    def __init__(self, rig, package):
        self.url = f"{rig.lighttpd.url}/api"
        self.package = package

    def __call__(self, key, *calls):
        return published.run(
            "resend_calls.js", self.package, given=calls,
            env={"RESEND_BASE_URL": self.url, "RESEND_API_KEY": key})


@pytest.fixture(scope="module")
def keys(rig):
    return Keys(rig)


@pytest.fixture(scope="module")
def key(keys):
    return keys.add()


@pytest.fixture(params=[NEWEST, OLDER])
def sdk(rig, request):
    return Sdk(rig, request.param)


@pytest.fixture
def newest(rig):
    return Sdk(rig, NEWEST)


@pytest.fixture
def client(rig, key):
    rig.client.key = key
    return rig.client


def mail(to="delivered@example.com", **more):
    return {"from": FROM, "to": to, "subject": "Hello World",
            "html": "<p>It works</p>", "text": "It works"} | more


def data(result):
    assert result["error"] is None, result
    return result["data"]


def error(result):
    assert result["data"] is None, result
    return result["error"]


def kind(result):
    return error(result)["statusCode"], error(result)["name"]


def at_sink(rig, client, job_id):
    """The mail of a job, parsed; it is sent once."""
    assert client.wait(job_id)["status"] == "completed"
    [mail] = [mail for mail in rig.sink.wait(1)
              if f"<{job_id}@".encode() in mail.data]
    return email.message_from_bytes(mail.data, policy=email.policy.default)


def in_an_hour():
    return (datetime.datetime.now(datetime.timezone.utc) + HOUR).strftime(
        "%Y-%m-%dT%H:%M:%S.000Z")


def test_a_mail_with_all(rig, client, key, sdk):
    [sent] = sdk(key, ["emails.send", mail(
        ["delivered@example.com", "Ann <ann@example.com>"],
        cc="cc@example.com", bcc=["bcc@example.com"],
        replyTo=["support@acme.example"], headers={"X-Entity-Ref-ID": "42"},
        tags=[{"name": "category", "value": "confirm_email"}])])
    job_id = data(sent)["id"]
    message = at_sink(rig, client, job_id)
    assert message["From"] == FROM
    assert message["To"] == "delivered@example.com, Ann <ann@example.com>"
    assert (message["Cc"], message["Bcc"]) == ("cc@example.com", None)
    assert message["Reply-To"] == "support@acme.example"
    assert message["X-Entity-Ref-ID"] == "42"
    plain, html = message.iter_parts()
    assert plain.get_content().strip() == "It works"
    assert html.get_content().strip() == "<p>It works</p>"
    [got] = sdk(key, ["emails.get", job_id])
    shown = data(got)
    assert shown["object"] == "email" and shown["id"] == job_id
    assert shown["last_event"] == "sent"
    assert shown["message_id"] == message["Message-ID"]
    assert shown["from"] == "onboarding@acme.example"
    assert shown["cc"] == ["cc@example.com"]
    assert shown["bcc"] == ["bcc@example.com"]
    assert shown["reply_to"] == ["support@acme.example"]
    assert shown["tags"] == [{"name": "category", "value": "confirm_email"}]
    assert (shown["html"], shown["text"], shown["scheduled_at"]) == (None,) * 3
    assert datetime.datetime.fromisoformat(
        shown["created_at"].replace("Z", "+00:00")).tzinfo


# The older one sends a Uint8Array and an ArrayBuffer to nobody.
@pytest.mark.parametrize("sdk, how", [
    (NEWEST, "base64"), (NEWEST, "Buffer"), (NEWEST, "Uint8Array"),
    (NEWEST, "ArrayBuffer"), (NEWEST, "numbers"), (OLDER, "base64"),
    (OLDER, "Buffer"), (OLDER, "numbers")], indirect=["sdk"])
def test_a_file_in_every_encoding(rig, client, key, sdk, how):
    content = base64.b64encode(FILE).decode()
    inline = ("inlineContentId" if sdk.package == OLDER else "contentId")
    [sent] = sdk(key, ["emails.send", mail(
        html='<img src="cid:logo">', attachments=[
            {"filename": "all.bin", "contentType": "image/png",
             inline: "logo",
             "content": content if how == "base64" else {"$": [how, content]}},
            {"filename": "empty.txt", "content": ""}])])
    message = at_sink(rig, client, data(sent)["id"])
    files = {part.get_filename(): part for part in message.walk()
             if part.get_filename()}
    assert files.keys() == {"all.bin", "empty.txt"}
    assert files["all.bin"].get_payload(decode=True) == FILE
    assert files["all.bin"].get_content_type() == "image/png"
    assert files["all.bin"]["Content-ID"] == "<logo>"
    assert files["empty.txt"].get_payload(decode=True) == b""


def test_what_is_not_set(rig, client, key, sdk):
    """Written as programs write it: null, false, empty."""
    [sent] = sdk(key, ["emails.send", mail(
        text="", cc=[], bcc=[], replyTo=None, tags=[], headers={},
        scheduledAt=None,
        attachments=[{"filename": False, "content": "Zm9v"}])])
    message = at_sink(rig, client, data(sent)["id"])
    assert not {"Cc", "Reply-To"} & set(message.keys())
    assert "text/plain" not in [p.get_content_type() for p in message.walk()]


def test_a_later_mail(client, key, sdk):
    """Scheduled in words, moved to a time, cancelled."""
    [sent] = sdk(key, ["emails.send", mail(scheduledAt="in 10 min")])
    job_id = data(sent)["id"]
    time = in_an_hour()
    shown, moved, later, cancelled, gone, again = sdk(
        key, ["emails.get", job_id],
        ["emails.update", {"id": job_id, "scheduledAt": time}],
        ["emails.get", job_id], ["emails.cancel", job_id],
        ["emails.get", job_id],
        ["emails.update", {"id": job_id, "scheduledAt": time}])
    assert data(shown)["last_event"] == "scheduled"
    assert data(shown)["scheduled_at"] < time
    assert data(moved)["object"] == data(cancelled)["object"] == "email"
    assert data(moved)["id"] == data(cancelled)["id"] == job_id
    assert data(later)["scheduled_at"] == time
    assert data(gone)["last_event"] == "canceled"
    assert data(gone)["scheduled_at"] is None
    assert kind(again) == (409, "wrong_status")


def test_a_batch(rig, client, key, sdk):
    [sent] = sdk(key, ["batch.send", [mail("one@example.com"),
                                      mail("two@example.com")]])
    assert list(data(sent)) == ["data"]
    for one, to in zip(data(sent)["data"], ("one", "two"), strict=True):
        assert at_sink(rig, client, one["id"])["To"] == f"{to}@example.com"
    [refused] = sdk(key, ["batch.send", [mail(), mail(to="nobody")]])
    assert kind(refused) == (400, "validation_error")
    assert error(refused)["message"] == "[1].to has no @"


def test_a_permissive_batch(rig, client, key, newest):
    mails = [mail("one@example.com"), mail(to="nobody"),
             mail("three@example.com")]
    fine, faulty, strict = newest(
        key, ["batch.send", mails, {"batchValidation": "permissive"}],
        ["batch.send", mails[1:2], {"batchValidation": "permissive"}],
        ["batch.send", mails, {"batchValidation": "strict"}])
    assert data(fine)["errors"] == [{"index": 1, "message": "to has no @"}]
    for one, to in zip(data(fine)["data"], ("one", "three"), strict=True):
        assert at_sink(rig, client, one["id"])["To"] == f"{to}@example.com"
    assert data(faulty)["data"] == [] and len(data(faulty)["errors"]) == 1
    assert kind(strict) == (400, "validation_error")


def test_pages(key, newest):
    ids = [one["id"] for one in data(newest(key, ["batch.send", [
        mail(f"page-{n}@example.com") for n in range(5)]])[0])["data"]]
    [first] = newest(key, ["emails.list", {"limit": 2}])
    seen = [one["id"] for one in data(first)["data"]]
    assert (data(first)["object"], data(first)["has_more"]) == ("list", True)
    second, newer, both, usual = newest(
        key, ["emails.list", {"limit": 3, "after": seen[-1]}],
        ["emails.list", {"limit": 3, "before": seen[-1]}],
        ["emails.list", {"after": seen[0], "before": seen[-1]}],
        ["emails.list"])
    seen += [one["id"] for one in data(second)["data"]]
    assert seen == ids[::-1]
    assert [one["id"] for one in data(newer)["data"]] == seen[:1]
    assert data(newer)["has_more"] is False
    assert kind(both) == (400, "validation_error")
    assert len(data(usual)["data"]) <= 20
    assert {one["object"] for one in data(usual)["data"]} == {"email"}


def test_the_same_key_is_the_same_mail(rig, client, key, sdk):
    once = {"idempotencyKey": f"welcome/{sdk.package}"}
    bad = {"idempotencyKey": "x" * 257}
    many = {"idempotencyKey": f"newsletter/{sdk.package}"}
    first, again, other, long, batch, batch_again = sdk(
        key, ["emails.send", mail(), once], ["emails.send", mail(), once],
        ["emails.send", mail(subject="Another"), once],
        ["emails.send", mail(), bad],
        ["batch.send", [mail(), mail("b@example.com")], many],
        ["batch.send", [mail(), mail("b@example.com")], many])
    assert data(first)["id"] == data(again)["id"]
    assert data(batch) == data(batch_again)
    assert kind(other) == (409, "invalid_idempotent_request")
    assert kind(long) == (400, "invalid_idempotency_key")
    at_sink(rig, client, data(first)["id"])


def test_errors_of_a_mail(key, sdk):
    wrong, path, time, none, nobody = sdk(
        key, ["emails.send", mail(to="nobody", subject="")],
        ["emails.send", mail(attachments=[
            {"path": "https://acme.example/a.pdf", "filename": "a.pdf"}])],
        ["emails.send", mail(scheduledAt="tomorrow at noon")],
        ["emails.get", "4ef9a417-02e9-4d39-ad75-9611e0fcc33c"],
        ["emails.send", mail(to=[])])
    assert kind(wrong) == (400, "validation_error")
    assert error(wrong)["message"] == "subject must not be empty; to has no @"
    assert "attachments[0].path is not taken" in error(path)["message"]
    assert "scheduled_at" in error(time)["message"]
    assert kind(none) == (404, "not_found")
    assert kind(nobody) == (400, "validation_error")


def test_errors_of_a_key(keys, sdk):
    other = keys.add("read", domains="other.example")
    domain = keys.add("send", domains="other.example")
    [unknown] = sdk("re_123456789", ["emails.send", mail()])
    assert kind(unknown) == (401, "invalid_api_key")
    [reader] = sdk(other, ["emails.send", mail()])
    assert kind(reader) == (403, "restricted_api_key")
    [foreign] = sdk(domain, ["emails.send", mail()])
    assert kind(foreign) == (403, "validation_error")
    assert "from" in error(foreign)["message"].lower()
    assert kind(sdk(keys.add("send", quota="1"), ["batch.send", [
        mail(), mail()]])[0]) == (429, "daily_quota_exceeded")


def test_limits_are_told(keys, newest):
    """3 a day: the bucket does not fill while we look."""
    *fine, refused = newest(keys.add("read", rate="3/d"),
                            *[["emails.list"]] * 4)
    assert [one["headers"]["ratelimit-remaining"] for one in fine] == list("210")
    assert {one["headers"]["ratelimit-limit"] for one in fine} == {"3"}
    assert kind(refused) == (429, "rate_limit_exceeded")
    assert refused["headers"]["ratelimit-remaining"] == "0"
    assert int(refused["headers"]["retry-after"]) > 0
    assert int(refused["headers"]["ratelimit-reset"]) > 0


THEIRS = {
    "apiKeys.list": [], "audiences.list": [], "automations.list": [],
    "broadcasts.create": [{"from": FROM, "subject": "s", "html": "h"}],
    "broadcasts.send": ["x"], "contactProperties.list": [],
    "contacts.list": [], "domains.create": [{"name": "acme.example"}],
    "domains.verify": ["x"], "emails.metrics": [], "emails.share": ["x"],
    "inboxes.list": [], "logs.list": [], "segments.list": [],
    "templates.list": [], "topics.list": [], "usage.get": [],
    "webhooks.create": [{"endpoint": "https://acme.example"}],
}


def test_what_is_not_there_says_so(rig, key, newest):
    results = newest(key, *([name, *args] for name, args in THEIRS.items()))
    for name, result in zip(THEIRS, results, strict=True):
        assert kind(result) == (404, "not_found"), (name, result)
    messages = {name: error(result)["message"]
                for name, result in zip(THEIRS, results)}
    assert messages.pop("emails.share") == "There is nothing at this path"
    assert all("docs/clients.md" in text for text in messages.values())
    [template, topic] = newest(
        key, ["emails.send", {"to": "a@example.com",
                              "template": {"id": "welcome"}}],
        ["emails.send", mail(topicId="news")])
    assert "Postrider keeps no templates" in error(template)["message"]
    assert "Postrider keeps no topics" in error(topic)["message"]


def test_the_stack_is_down(rig, key, sdk):
    """The SDK's own words: they need JSON of the web server, too."""
    rig.api.stop()
    [away] = sdk(key, ["emails.send", mail()])
    assert kind(away) == (503, "service_unavailable")
    rig.api.start()
    rig.wait_ready()
