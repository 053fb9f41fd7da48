"""TLS as the settings ask for it."""

from __future__ import annotations

import ssl

from pain.errors import ConfigError
from pain.settings.broker import TlsConfig


class _TidySocket(ssl.SSLSocket):
    """Closes itself when the handshake fails; paho leaves that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002  as in ssl
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def tls_context(tls: TlsConfig) -> ssl.SSLContext:
    """Make the TLS context of a client, version 1.2 or newer.

    Raises:
        ConfigError: a certificate or a key cannot be used.
    """
    try:
        context = ssl.create_default_context(cafile=tls.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"no CA certificates in PEM format can be read there: {error}",
            key="mqtt.tls.ca_file",
            value=str(tls.ca_file),
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _TidySocket
    if tls.client_cert_file is not None:
        try:
            context.load_cert_chain(tls.client_cert_file, tls.client_key_file)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"certificate and key cannot be used: {error}",
                key="mqtt.tls.client_cert_file",
                value=str(tls.client_cert_file),
            ) from error
    return context
