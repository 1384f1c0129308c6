# SPDX-License-Identifier: MIT
"""
What providers ask of senders, as far as it shows in a message and on its way:
RULES, each with where it is published. What is left to the operator (SPF,
DMARC and PTR records, who is written to, how often) is in none of them.

A rule is called with a Sent and yields what breaks it.
"""

import datetime
import email
import email.errors
import email.policy
import email.utils
import re

import delivered

GMAIL = "https://support.google.com/mail/answer/81126"  # sender guidelines
GMAIL_LIMITS = "https://support.google.com/a/answer/14016360"  # of headers
YAHOO = "https://senders.yahooinc.com/best-practices/"
# RFC 5322 3.6: those that stand once at most, and those of RFC 2045, 8058.
SINGLE = ("date", "from", "sender", "reply-to", "to", "cc", "bcc",
          "message-id", "in-reply-to", "references", "subject",
          "mime-version", "content-type", "content-transfer-encoding",
          "content-disposition", "list-unsubscribe", "list-unsubscribe-post")
# RFC 6376 5.4.1: what tells a reader who wrote, to whom and about what.
COVERED = ("from", "reply-to", "subject", "date", "to", "cc", "message-id",
           "in-reply-to", "references", "mime-version", "content-type",
           "list-unsubscribe", "list-unsubscribe-post")
ATOMS = r"[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(\.[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*"
DOMAIN = r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]*[a-z0-9])?"
DATE = (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|"
        r"Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d [+-]\d{4}")
CLIPPED = 102 * 1024  # bytes of HTML


class Sent:
    """A message as a relay got it. `bulk`: it was asked to be; `began`: when
    the first one was asked for."""

    def __init__(self, mail, bulk, began):
        self.mail = mail
        self.raw = mail.data
        self.bulk = bulk
        self.began = began
        self.signatures = []  # what mailauth says; filled in by who asked it
        self.head = self.raw.partition(b"\r\n\r\n")[0] + b"\r\n"
        fields = re.split(rb"\r\n(?![ \t])", self.head)[:-1]
        self.fields = [(name.decode().lower(), value) for name, _, value in
                       (field.partition(b":") for field in fields)]
        self.utf8 = "SMTPUTF8" in mail.options
        self.message = (
            email.message_from_string(self.raw.decode(),
                                      policy=email.policy.default)
            if self.utf8 else delivered.parse(self.raw))

    def values(self, name):
        return [value for key, value in self.fields if key == name]

    def value(self, name):
        """Unfolded, encoded words as they are."""
        [value] = self.values(name)
        return value.replace(b"\r\n", b"").strip().decode()

    def sender(self):
        """The domain of From."""
        return self.message["From"].addresses[0].domain

    def texts(self):
        return [part for part in self.message.walk()
                if part.get_content_maintype() == "text"
                and not part.get_content_disposition()]


def transported_by_tls(sent):
    if not sent.mail.tls:
        yield "it came in clear"


def signed(sent):
    """Of keys of 1024 bits or more, 2048 are advised; the whole body."""
    for signature in sent.signatures:
        if signature["result"] != "pass":
            yield f"the signature is no good: {signature['why']}"
        if signature["bits"] < 2048 or not signature["whole"]:
            yield f"the signature is weak: {signature}"
    if not sent.signatures:
        yield "it is not signed"


def aligned(sent):
    """Relaxed: From's domain, or one above or below it."""
    if not any(signature["aligned"] for signature in sent.signatures):
        yield f"none of the signatures is of {sent.sender()}"
    if sent.mail.sender.rpartition("@")[2] != sent.sender():
        yield f"MAIL FROM:<{sent.mail.sender}> is of another domain"


def all_covered(sent):
    for signature in sent.signatures:
        for name in {name for name, _ in sent.fields} & {*COVERED}:
            if name not in signature["covered"]:
                yield f"{name} is not signed"
    for value in sent.values("dkim-signature"):
        covered = re.search(rb"\bh=([^;]*)", value)[1].lower()
        if re.findall(rb"[^:\s]+", covered).count(b"from") < 2:
            yield "a second From could be added"


def single_headers(sent):
    for name in SINGLE:
        if len(sent.values(name)) > 1:
            yield f"{name} stands there {len(sent.values(name))} times"
    for name in ("date", "from", "message-id", "subject", "to"):
        if not sent.values(name):
            yield f"{name} is missing"


def one_from(sent):
    addresses = sent.message["From"].addresses
    if len(addresses) != 1:
        yield f"From has {len(addresses)} addresses"
    for one in addresses:
        if not one.username or not re.fullmatch(DOMAIN, one.domain):
            yield f"{one} is no address"


def valid_message_id(sent):
    value = sent.value("message-id")
    if not re.fullmatch(f"<{ATOMS}@{DOMAIN}>", value) or len(value) > 500:
        yield f"Message-ID: {value}"


def valid_date(sent):
    value = sent.value("date")
    if not re.fullmatch(DATE, value):
        yield f"Date: {value}"
        return
    date = email.utils.parsedate_to_datetime(value)
    now = datetime.datetime.now(datetime.timezone.utc)
    if not sent.began - datetime.timedelta(seconds=1) <= date <= now:
        yield f"{value} is not when it was asked for"


def whole_lines(sent):
    """CR and LF only together (also RFC 5321 2.3.8), no NUL, no line of more
    than 998 bytes, each with its end."""
    if not re.fullmatch(rb"([^\r\n\0]{0,998}\r\n)*", sent.raw):
        yield "a line is too long, or does not end with CR LF"


def plain_header(sent):
    """ASCII but for addresses that are not (RFC 6532); encoded words in lines
    of 76 bytes (RFC 2047 2)."""
    for line in sent.head.split(b"\r\n"):
        if not sent.utf8 and not line.isascii():
            yield f"not ASCII: {line}"
        if b"=?utf-8?" in line.lower() and len(line) > 76:
            yield f"too long: {line}"


def header_limits(sent):
    if len(sent.head) > 500_000 or len(sent.fields) > 5000:
        yield "the header is too large"
    for name, value in sent.fields:
        most = {"message-id": 500, "subject": 998}.get(name, 32_768)
        if len(value) > most or len(name) > 1024:
            yield f"{name} has {len(value)} bytes"


def one_click_unsubscribe(sent):
    """The URL alone takes the POST; both fields are signed."""
    given = [sent.values(name) for name in
             ("list-unsubscribe", "list-unsubscribe-post")]
    if not sent.bulk:
        if any(given):
            yield "it is no bulk mail"
        return
    if not re.fullmatch(r"<https://[^<>,\s]+>", sent.value("list-unsubscribe")):
        yield f"List-Unsubscribe: {given[0]}"
    if sent.value("list-unsubscribe-post") != "List-Unsubscribe=One-Click":
        yield f"List-Unsubscribe-Post: {given[1]}"


def nobody_hidden(sent):
    """Who is in the header is in the envelope, and there is no Bcc."""
    shown = {address.addr_spec for name in ("To", "Cc")
             if sent.message[name] for address in sent.message[name].addresses}
    if not shown <= {*sent.mail.to}:
        yield f"shown, and not written to: {shown - {*sent.mail.to}}"
    if sent.values("bcc"):
        yield "it has Bcc"


def sound_mime(sent):
    """As RFC 2045 to 2047 have it: nothing for a reader to make up for."""
    for part in sent.message.walk():
        defects = [*part.defects]
        for value in part.values():
            defects += value.defects
        for defect in defects:
            if not (sent.utf8 and isinstance(  # RFC 6531 3.3 has it
                    defect, email.errors.NonASCIILocalPartDefect)):
                yield repr(defect)
    if sent.value("mime-version") != "1.0":
        yield "it is no MIME message"
    for part in sent.texts():
        if part.get_content_charset() != "utf-8":
            yield f"a text in {part.get_content_charset()}"


def text_beside_html(sent):
    kinds = [part.get_content_subtype() for part in sent.texts()]
    if kinds not in (["plain"], ["plain", "html"]):
        yield f"texts: {kinds}"


def html_not_clipped(sent):
    for part in sent.texts():
        if (part.get_content_subtype() == "html"
                and len(part.get_payload(decode=True)) > CLIPPED):
            yield "the HTML is too long"


def no_reply_wanted(sent):
    if sent.value("auto-submitted") == "no":
        yield "it says that a person wrote it"


def named_client(sent):
    if not re.fullmatch(DOMAIN, sent.mail.client):
        yield f"EHLO {sent.mail.client}"


RULES = {
    transported_by_tls: f"{GMAIL}: use a TLS connection",
    signed: f"{GMAIL}, {YAHOO}: sign with DKIM; RFC 8301 3.2; RFC 6376 8.2",
    aligned: f"{GMAIL}, {YAHOO}: From aligned with DKIM or SPF; RFC 7489 3.1",
    all_covered: "RFC 6376 5.4.1, 8.15; RFC 8058 4",
    single_headers: f"{GMAIL}: single-instance headers once; RFC 5322 3.6",
    one_from: f"{GMAIL}: one address in From; RFC 7489 6.6.1",
    valid_message_id: f"{GMAIL}: a valid Message-ID; RFC 5322 3.6.4; "
                      f"{GMAIL_LIMITS}",
    valid_date: "RFC 5322 3.3, 3.6.1",
    whole_lines: f"{GMAIL}, {YAHOO}: RFC 5322; 2.1.1, 2.3",
    plain_header: "RFC 5322 2.2; RFC 2047 2",
    header_limits: GMAIL_LIMITS,
    one_click_unsubscribe: f"{GMAIL}, {YAHOO}: RFC 8058 3.1, 4",
    nobody_hidden: f"{GMAIL}: do not hide who is written to; RFC 5322 3.6.3",
    sound_mime: f"{GMAIL}: RFC 5322; RFC 2045 4, 6; RFC 2046 5.1",
    text_beside_html: "RFC 2046 5.1.4",
    html_not_clipped: "Gmail shows 102 KB of HTML",
    no_reply_wanted: "RFC 3834 5",
    named_client: "RFC 5321 4.1.1.1",
}
# They look at what mailauth says.
OF_SIGNATURES = (signed, aligned, all_covered)
