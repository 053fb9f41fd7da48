"""POSTs bundles to a FHIR server."""

from __future__ import annotations

import ipaddress
import logging
import os
import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from pain.certificates import out_of_time
from pain.errors import DeliveryError, UsageError
from pain.settings.credentials import secret_in

TOKEN_VARIABLE: Final = "PAINWATCH_FHIR_TOKEN"  # noqa: S105  a name
_FHIR_JSON: Final = "application/fhir+json"
_MOST_WORDS: Final = 300
"""Of a server's own explanation, in letters."""


class FhirServer:
    """A server that takes transactions. Redirects are not followed: they would carry the token.

    Args:
        url: its base; bundles are posted to it.
        token: bearer token, if it wants one.
        authority: PEM file of the authority that signed its certificate; the system's when None.
        timeout_s: of each step of the conversation, seconds.
        plaintext: allow http to other machines.

    Raises:
        UsageError: the URL or the file of the authority cannot be used.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None,
        authority: Path | None,
        timeout_s: float,
        plaintext: bool,
    ) -> None:
        self._url = url
        self._host = _checked(url, plaintext=plaintext)
        self.shown = url
        """What may be shown and kept: it holds no secret."""
        self._headers = {"Content-Type": _FHIR_JSON, "Accept": _FHIR_JSON}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"
        self._timeout_s = timeout_s
        self._trust = _trust(authority)
        logging.getLogger("httpx").setLevel(logging.WARNING)

    def send(self, bundles: Iterable[str]) -> int:
        """Send bundles one after another, each a transaction of its own.

        Returns:
            How many.

        Raises:
            DeliveryError: the server cannot be reached or refuses one; says how many it had taken.
        """
        taken = 0
        with httpx.Client(timeout=self._timeout_s, verify=self._trust) as client:
            for bundle in bundles:
                try:
                    answer = client.post(self._url, content=bundle.encode(), headers=self._headers)
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    why = out_of_time(error, self._host) or f"{type(error).__name__}: {error}"
                    raise DeliveryError(
                        f"{self._host} could not be reached ({why}); {_so_far(taken)}"
                    ) from error
                if not answer.is_success:
                    raise DeliveryError(
                        f"{self._host} did not take a bundle (HTTP {answer.status_code}"
                        f"{_why(answer)}); {_so_far(taken)}"
                    )
                taken += 1
        return taken


def token_from(file: Path | None) -> str | None:
    """The bearer token from a file, else from the environment; never from an argument.

    Raises:
        ConfigError: the file cannot be read.
        UsageError: what is there is no token.
    """
    if file is not None:
        token, where = secret_in(file, key="--token-file"), str(file)
    else:
        found = os.environ.get(TOKEN_VARIABLE)
        if found is None:
            return None
        token, where = found, f"${TOKEN_VARIABLE}"
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(f"{where} holds no bearer token: one line of letters without spaces")
    return token


def _checked(url: str, *, plaintext: bool) -> str:
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"--post: {url!r} is no URL ({error})") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise UsageError(f"--post: {url!r} is no URL; write https://fhir.example/r4")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "--post: no name and password in the URL, where 'ps' shows them; use --token-file"
        )
    if parts.query or parts.fragment:
        raise UsageError("--post: name the base of the server, without ? and #")
    if parts.scheme == "http" and not plaintext and not _is_loopback(host):
        raise UsageError(
            f"--post: http to {host} would show residents' data to the network; use https, or "
            "--plaintext where the network is protected otherwise"
        )
    return host


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _trust(authority: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"--ca: {authority} is no PEM file of certificates ({error})") from error


def _so_far(taken: int) -> str:
    return f"it took {taken} bundle(s) before; send again, nothing comes twice"


def _why(answer: httpx.Response) -> str:
    """The diagnostics of an OperationOutcome, if that is what came."""
    try:
        issues: Any = answer.json()["issue"]
        words = "; ".join(
            str(issue.get("diagnostics") or issue.get("details", {}).get("text") or issue["code"])
            for issue in issues
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return ""
    plain = "".join(letter if letter.isprintable() else " " for letter in words)
    return f": {plain[:_MOST_WORDS]}"
