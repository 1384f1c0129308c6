# SPDX-License-Identifier: MIT
"""
message.py PROGRAM: 2 000 generated mails go through reread; what GMime and
Python's email read in each message is what was given, byte for byte. The seed
is fixed: the same mails every time.
"""

import email
import email.policy
import email.utils
import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
from email.header import decode_header, make_header

MAILS = 2000
LARGE = 10_000_000  # bytes of the file of some mails
WORDS = ("Grüße", "naïve", "Ελληνικά", "Русский", "שלום", "مرحبا", "हिन्दी",
         "ไทย", "日本語", "한국어", "中文", "\U0001f4e8", "\U0001f468‍\U0001f469‍"
         "\U0001f467", "é", "plain", "words", "=?utf-8?q?no?=", "a=b", "--",
         ".", "From", "x" * 90, "w" * 1200, "tab\there", "<b>&amp;</b>")
ENDS = ("\n", "\r\n", "\n\n", "\n.\n", " \n", "\r", "")
NAMES = ("Ann Lee", "O'Neil, \"Bob\"", "Zoë Ünlü", "山田 太郎", "דוד", "A" * 60,
         "Жанна " * 9 + "Ж", "a.b", "\\", None, None, None)
TYPES = ("application/pdf", "image/png", "text/csv; charset=utf-8", None,
         'application/x; a="b;c"')
FILES = ("a.pdf", "Umsätze.csv", "日本語" * 20 + ".txt", 'q"uo\\te'[:4] + ".x",
         "a;b=c.txt", "\U0001f4e8.eml", "spaces in it", "n" * 255, None,
         "=?utf-8?q?no?=.txt", "it's 100% utf-8''.x")


def line(r, most=12):
    words = [word.replace("\t", " ") for word in
             r.choices(WORDS, k=r.randint(1, most)) if len(word) < 200]
    return " ".join(words) or "s"


def text(r):
    return "".join(" ".join(r.choices(WORDS, k=r.randint(0, 9)))
                   + r.choice(ENDS) for _ in range(r.randint(1, 12))) or "t"


def mailbox(r, address):
    name = r.choice(NAMES)
    if name is None:
        return ["", address], address
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return [name, address], f'"{quoted}" <{address}>'


def mail(number):
    """(payload's JSON, bytes of its files, what is to be read)."""
    r = random.Random(number)
    payload = {"job_id": f"0197-{number}", "subject": line(r),
               "created_at": "2025-06-29T15:52:17.432Z"}
    expected = {"subject": payload["subject"]}
    for field, most in (("to", 5), ("cc", 3), ("reply_to", 2)):
        boxes = [mailbox(r, f"{field}{i}@example.com")
                 for i in range(r.randint(field == "to", most))]
        expected[field] = [read for read, _ in boxes]
        if boxes:
            payload[field] = [given for _, given in boxes]
    payload["bcc"] = ["hidden@example.org"]
    read, payload["from"] = mailbox(r, "from@example.net")
    expected["from"] = [read]
    payload["headers"] = {f"X-{i}": line(r) for i in range(r.randint(0, 3))}
    expected |= payload["headers"]
    leaves = []
    kind = r.choice(("text", "html", "both"))
    if kind != "html":
        payload["body"] = text(r)
        leaves.append(leaf("text/plain", canonical(payload["body"])))
    if kind != "text":
        payload["html"] = text(r)
        leaves.append(leaf("text/html", canonical(payload["html"])))
    files = [file(r, number, i) for i in range(
        r.choice((0, 0, 1, 2, 5)) or (number % 500 == 0))]
    payload["attachments"] = [
        {name: value for name, value in given.items() if value is not None}
        | {"size": len(content)} for given, content in files]
    shown = [one for one in files
             if one[0]["content_id"] and kind != "text"]
    kept = [one for one in files if one not in shown]
    leaves += [leaf((given["content_type"] or "application/octet-stream")
                    .partition(";")[0], content, given["filename"],
                    given["content_id"], disposition)
               for disposition, some in (("inline", shown),
                                         ("attachment", kept))
               for given, content in some]
    expected["leaves"] = leaves
    return payload, b"".join(content for _, content in files), expected


def file(r, number, i):
    size = r.choice((0, 1, 2, 3, 57, 58, 1000, r.randint(0, 20000)))
    if number % 500 == 0 and i == 0:
        size = LARGE
    return ({"filename": r.choice(FILES), "content_type": r.choice(TYPES),
             "content_id": r.choice((None, f"id{i}@x"))}, r.randbytes(size))


def leaf(kind, content, filename=None, content_id=None, disposition=None):
    return {"type": kind, "filename": filename, "id": content_id,
            "disposition": disposition,
            "sha256": hashlib.sha256(content).hexdigest()}


def canonical(given):
    """Lines end with CR LF, the last one too."""
    lines = re.sub("\r?\n", "\r\n", given)
    return (lines + "" if not lines or lines.endswith("\r\n")
            else lines + "\r\n").encode()


def decoded(value):
    return str(make_header(decode_header(value)))


def by_python(raw):
    """The same of Python's email, by its older functions: before 3.12.9 the
    newer ones put blanks between the encoded words of a name."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    modern = email.message_from_bytes(raw, policy=email.policy.default)
    unfolded = {name.lower(): re.sub(r"\r?\n", "", value)
                for name, value in message.raw_items()}
    assert not any(part.defects for part in message.walk()), raw[:2000]
    read = {"subject": decoded(unfolded.get("subject", ""))}
    for field in ("from", "to", "cc", "reply_to"):
        value = unfolded.get(field.replace("_", "-"))
        read[field] = [[decoded(name), address] for name, address in
                       email.utils.getaddresses([value] if value else [])]
    read |= {name: decoded(unfolded[name.lower()])
             for name in message.keys() if name.startswith("X-")}
    read["leaves"] = [
        leaf(part.get_content_type(), part.get_payload(decode=True),
             part.get_filename(), (part["Content-ID"] or "")[1:-1] or None,
             part.get_content_disposition())
        for part in modern.walk() if not part.is_multipart()]
    return read


def records(out):
    for size in out:
        yield out.read(int(size))


def main(program):
    mails = [mail(number) for number in range(MAILS)]
    wrong = 0
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out:
        for payload, files, _ in mails:
            record = json.dumps(payload).encode() + b"\0" + files
            given.write(b"%d\n" % len(record) + record)
        given.seek(0)
        subprocess.run([program], stdin=given, stdout=out, check=True)
        out.seek(0)
        reads = records(out)
        for payload, _, expected in mails:
            raw, gmime = next(reads), json.loads(next(reads))
            assert re.fullmatch(rb"([^\r\n]{0,998}\r\n)*", raw), raw[:2000]
            assert b"hidden@" not in raw
            for reader, read in (("GMime", gmime),
                                 ("Python", by_python(raw))):
                for name in expected.keys() | read.keys():
                    if read.get(name) != expected.get(name):
                        wrong += 1
                        print(f"{payload['job_id']}: {reader} reads {name} as "
                              f"{read.get(name)!r}, not "
                              f"{expected.get(name)!r}")
    print(f"{MAILS} mails, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
