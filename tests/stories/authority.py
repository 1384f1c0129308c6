# SPDX-License-Identifier: MIT
"""
A private CA: certificates for relays, good ones and bad ones, each a PEM file
with its key.
"""

import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def common_name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def general_name(name):
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


class Authority:
    def __init__(self, folder, name="Story CA"):
        self.folder = pathlib.Path(folder)
        self.name = name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.file = self.folder / f"{name}.pem".replace(" ", "-").lower()
        ca = (self.builder(self.key, name, self.name, 0, 100)
              .add_extension(x509.BasicConstraints(ca=True, path_length=None),
                             critical=True)
              .sign(self.key, hashes.SHA256()))
        self.file.write_bytes(ca.public_bytes(serialization.Encoding.PEM))

    @staticmethod
    def builder(key, name, issuer, first, last):
        """Valid from the day `first` to `last`, counted from now."""
        now = datetime.datetime.now(datetime.timezone.utc)
        return (x509.CertificateBuilder()
                .subject_name(common_name(name))
                .issuer_name(common_name(issuer))
                .public_key(key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(now + first * DAY - DAY / 24)
                .not_valid_after(now + last * DAY))

    def certify(self, file, *names, first=0, last=30, self_signed=False):
        """The path of a certificate for these names."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = (
            self.builder(key, names[0],
                         names[0] if self_signed else self.name, first, last)
            .add_extension(x509.SubjectAlternativeName(
                [general_name(name) for name in names]), critical=False)
            .sign(key if self_signed else self.key, hashes.SHA256()))
        path = self.folder / file
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(serialization.Encoding.PEM,
                                serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption()))
        return path
