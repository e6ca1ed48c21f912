"""The certificate with which the exchange and a browser agree on the keys of a call's sound (DTLS-SRTP, RFC 5764).

Browsers know it by the fingerprint that the call's description carries, so it is our own and no authority signs it.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from civicline.kernel import clock

NAME: Final = "civicline.invalid"
GOOD_FOR: Final = timedelta(days=365)
RENEWED: Final = timedelta(days=30)


def kept(folder: Path) -> Path:
    """The file with certificate and key (PEM, mode 0600) in this folder; made when there is none or it soon ends."""
    file = folder / "dtls.pem"
    if not _good(file):
        draft = folder / f".dtls.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(_made())
        draft.replace(file)
    return file


def _good(file: Path) -> bool:
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError):
        return False
    return found.not_valid_after_utc > clock.now() + RENEWED


def _made() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + GOOD_FOR)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + plain
