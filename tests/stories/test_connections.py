# SPDX-License-Identifier: MIT
# ctest: TIMEOUT 240
"""A thousand mails share few connections, and each goes out in one piece."""

import re
from concurrent.futures import ThreadPoolExecutor

COUNT = 1000
ENVELOPE = re.compile(rb"MAIL FROM:<[^\r]*\r\nRCPT TO:<[^\r]*\r\nDATA\r\n")


def test_a_thousand_mails(client, rig):
    # Without it one connection could be quick enough for all.
    rig.sink.on("dot", delay=0.02)
    with ThreadPoolExecutor(8) as posters:
        ids = list(posters.map(
            lambda i: client.send(f"reader-{i}@example.com"), range(COUNT)))
    mails = rig.sink.wait(COUNT, 120)

    assert 1 < rig.sink.peak <= 16
    assert {mail.recipients[0] for mail in mails} == {
        f"reader-{i}@example.com" for i in range(COUNT)}
    envelopes = sum(len(ENVELOPE.findall(chunk))
                    for connection in rig.sink.connections
                    for _, chunk in connection.chunks)
    assert envelopes == COUNT, "MAIL, RCPT and DATA did not come in one read"
    for job_id in ids:
        client.wait(job_id, "completed")
