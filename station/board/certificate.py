"""Looks at the board's certificate before anything is served with it."""

from __future__ import annotations

import ssl

from pain.errors import ConfigError
from station.config.web import WebConfig


def check_certificate(web: WebConfig) -> None:
    """Try the certificate and its key.

    Raises:
        ConfigError: they cannot be used; says what to do.
    """
    if web.cert_file is None or web.key_file is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(web.cert_file, web.key_file, password=_nobody_to_ask)
    except (OSError, ssl.SSLError, _Locked) as error:
        why = "the key has a password" if isinstance(error, _Locked) else error
        raise ConfigError(
            f"certificate and key cannot be used ({why}): both must be PEM, the key without a "
            "password, and the first certificate in the file the key's own",
            key="web.cert_file",
            value=str(web.cert_file),
        ) from error


class _Locked(Exception):
    """The key is encrypted."""


def _nobody_to_ask() -> str:
    """OpenSSL would ask at the terminal, and a service has none."""
    raise _Locked
