"""A key and a certificate, signed by itself, for tests that encrypt."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import pytest


def certified(folder: Path, *names: str) -> Path:
    """A PEM file in `folder` with both, for these names ("IP:127.0.0.1", "DNS:wire.example")."""
    if not shutil.which("openssl"):
        pytest.skip("needs the openssl command to make a certificate")
    pem = folder / "origin.pem"
    subject = ["-subj", "/CN=origin", "-addext", f"subjectAltName={','.join(names)}"]
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    subprocess.run([*make, *subject, "-keyout", pem, "-out", f"{pem}.crt"], check=True, capture_output=True)
    pem.write_bytes(pem.read_bytes() + Path(f"{pem}.crt").read_bytes())
    return pem


def serving(pem: Path) -> ssl.SSLContext:
    """What a server encrypts with."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
