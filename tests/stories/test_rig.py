# SPDX-License-Identifier: MIT
"""The rig itself: a sink or a proxy that errs would make the stories lie."""

import smtplib
import socket
import threading
import time

import pytest

import golden
import leftovers
from proxy import Proxy
from sink import Sink

FROM, TO = "from@example.com", "to@example.com"


@pytest.fixture
def sink():
    it = Sink()
    yield it
    it.stop()


def session(port):
    return smtplib.SMTP("127.0.0.1", port, timeout=10)


def test_bytes_as_they_came_and_as_they_were_meant(sink):
    with socket.create_connection(("127.0.0.1", sink.port), 10) as peer:
        peer.sendall(b"EHLO me\r\nMAIL FROM:<a@b> SIZE=9\r\nRCPT TO:<c@d>\r\n"
                     b"DATA\r\n..one\r\n...\r\nbare\rcr\nlf\n.\n\r\n.\r\n"
                     b"QUIT\r\n")
        while peer.recv(4096):
            pass
    [mail] = sink.wait(1)
    assert mail.raw == b"..one\r\n...\r\nbare\rcr\nlf\n.\n\r\n"
    assert mail.data == b".one\r\n..\r\nbare\rcr\nlf\n.\n\r\n"
    assert (mail.sender, mail.parameters) == ("a@b", "SIZE=9")
    assert mail.recipients == ["c@d"]
    assert b"RCPT TO:<c@d>\r\nDATA" in b"".join(
        chunk for _, chunk in mail.connection.chunks)


def test_replies_by_recipient_and_count(sink):
    sink.on("rcpt", reply="451 4.2.1 later", to=TO, times=1)
    sink.on("dot", reply="554 5.6.0 not\n554 5.6.0 this one", times=1)
    with session(sink.port) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail(FROM, [TO], b"x\r\n")
        with pytest.raises(smtplib.SMTPDataError):
            smtp.sendmail(FROM, [TO], b"x\r\n")
        smtp.sendmail(FROM, [TO], b"x\r\n")
    assert len(sink.seen) == 2 and len(sink.mails) == 1
    assert sink.seen[0].reply.startswith("554") and not sink.seen[0].taken


def test_a_held_reply_and_a_cut(sink):
    held = sink.on("dot", hold=True, after=1)
    with session(sink.port) as smtp:
        smtp.sendmail(FROM, [TO], b"first\r\n")
        second = threading.Thread(
            target=smtp.sendmail, args=(FROM, [TO], b"second\r\n"))
        second.start()
        deadline = time.monotonic() + 10
        while not held.holding:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert len(sink.seen) == 2 and len(sink.mails) == 1
        held.release()
        second.join()
        assert len(sink.mails) == 2
        sink.on("mail", cut=True)
        with pytest.raises(smtplib.SMTPServerDisconnected):
            smtp.sendmail(FROM, [TO], b"third\r\n")
    assert sink.peak == 1


def test_a_sink_that_is_away_for_a_while(sink):
    sink.down()
    with pytest.raises(OSError):
        session(sink.port)
    sink.listen()
    with session(sink.port) as smtp:
        smtp.noop()


def test_a_proxy_holds_one_direction(sink):
    proxy = Proxy(sink.port)
    try:
        with session(proxy.port) as smtp:
            smtp.ehlo("me")
            proxy.hold("down")
            sent = threading.Thread(target=smtp.noop)
            sent.start()
            deadline = time.monotonic() + 10
            while not proxy.waiting["down"]:
                assert time.monotonic() < deadline
                time.sleep(0.01)
            assert sent.is_alive()
            proxy.release("down")
            sent.join()
            proxy.cut()
            with pytest.raises(smtplib.SMTPServerDisconnected):
                smtp.noop()
        assert proxy.connections == 1 and proxy.count["up"] > 0
    finally:
        proxy.stop()


def test_golden_files_bind_their_names():
    seen = {}
    uuid = "01990000-0000-7000-8000-000000000000"
    assert golden.fits("<id:a>", uuid, seen)
    assert not golden.fits("<id:a>", uuid.replace("1", "2"), seen)
    assert golden.fits("<time>", "2025-06-29T15:52:17.432Z", {})
    assert not golden.fits("<time>", "2025-06-29T15:52:17Z", {})
    assert not golden.fits(1, True, {}) and golden.fits("x", "x", {})


def test_what_is_left_behind_is_found(sink):
    assert leftovers.processes() == []
    assert len(leftovers.listeners()) == 1  # the sink's
