# SPDX-License-Identifier: MIT
"""A folder of DKIM keys, and the DNS that has their public halves."""

import dkim
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import published


class Zone:
    def __init__(self, folder):
        self.folder = folder
        self.records = {}

    def add(self, domain, selector, mode=0o600):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        path = self.folder / f"{domain}.{selector}.pem"
        path.write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))
        path.chmod(mode)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo)
        self.records[f"{selector}._domainkey.{domain}."] = (
            b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1]))
        return path

    def look_up(self, name, timeout=0):
        return self.records.get(name.decode())

    def verifies(self, content):
        """By python3-dkim."""
        return dkim.verify(content, dnsfunc=self.look_up)

    def mailauth(self, contents, folder):
        """What npm's mailauth says of the signatures of each message; `folder`
        is for them."""
        for number, content in enumerate(contents):
            (folder / f"{number:04}").write_bytes(content)
        found = published.run("dkim_verify.js", folder, given={
            name.rstrip("."): record.decode()
            for name, record in self.records.items()})
        return [found[name] for name in sorted(found)]
