"""Certificates for 127.0.0.1, made on the spot: a right one, and each way to be wrong.

Needs `cryptography`, which the rest of the emulator does without.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_HERE: tuple[x509.GeneralName, ...] = (
    x509.DNSName("localhost"),
    x509.IPAddress(ip_address("127.0.0.1")),
)
_ELSEWHERE: tuple[x509.GeneralName, ...] = (x509.DNSName("elsewhere.example"),)
_DAY = timedelta(days=1)


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass(frozen=True, slots=True)
class Authority:
    """One whose root a client can be told to trust, so that nothing but the intended is wrong."""

    name: x509.Name = field(default_factory=lambda: _name("Prevail emulator"))
    key: ec.EllipticCurvePrivateKey = field(default_factory=_key, repr=False)

    def root_pem(self) -> str:
        return self._sign(self.name, self.key.public_key(), self.key, (), authority=True).decode()

    def right(self, *hosts: str) -> bytes:
        """For this machine, and for other names where somebody resolves them to it."""
        return self._issued((*_HERE, *map(x509.DNSName, hosts)))

    def wrong_host(self) -> bytes:
        return self._issued(_ELSEWHERE)

    def expired(self) -> bytes:
        return self._issued(_HERE, ended=True)

    def self_signed(self) -> bytes:
        key = _key()
        alone = Authority(_name("127.0.0.1"), key)
        return alone._sign(alone.name, key.public_key(), key, _HERE) + _pem(key)

    def _issued(self, names: tuple[x509.GeneralName, ...], *, ended: bool = False) -> bytes:
        """Key and certificate in PEM."""
        key = _key()
        return self._sign(_name("127.0.0.1"), key.public_key(), self.key, names, ended=ended) + _pem(key)

    def _sign(
        self,
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey,
        by: ec.EllipticCurvePrivateKey,
        names: tuple[x509.GeneralName, ...],
        *,
        authority: bool = False,
        ended: bool = False,
    ) -> bytes:
        now = datetime.now(UTC)
        of_the_key = x509.SubjectKeyIdentifier.from_public_key(public)
        of_the_signer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 30 * _DAY)
            .not_valid_after(now - _DAY if ended else now + 30 * _DAY)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .add_extension(of_the_key, critical=False)
            .add_extension(of_the_signer, critical=False)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        if authority:
            builder = builder.add_extension(_SIGNS_CERTIFICATES, critical=True)
        return builder.sign(by, hashes.SHA256()).public_bytes(Encoding.PEM)


_SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
