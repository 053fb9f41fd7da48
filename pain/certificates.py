"""A certificate that is out of its time: it, or the clock that says so, is wrong."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import Final

NOT_YET_VALID: Final = 9
EXPIRED: Final = 10
"""X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED of OpenSSL."""


def out_of_time(error: BaseException, where: str) -> str | None:
    """What to say of a TLS connection that failed for the time; None where that was not it.

    A box without a battery for its clock begins in the past, so of a certificate that is not valid
    yet the clock is the likelier cause.

    Args:
        error: as it was raised; its causes are looked through.
        where: whose certificate it is.
    """
    code = _verify_code(error)
    said = f"this machine's clock says {datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
    if code == NOT_YET_VALID:
        return (
            f"the certificate of {where} is not valid yet by the clock, which is probably wrong: "
            f"{said}; set it (timedatectl says whether a time server is reached), or wait where it "
            "is right"
        )
    if code == EXPIRED:
        return (
            f"the certificate of {where} has expired by the clock: {said}; where that is not the "
            "time set the clock (timedatectl says whether a time server is reached), else renew "
            "the certificate"
        )
    return None


def _verify_code(error: BaseException) -> int | None:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen.verify_code
        seen = seen.__cause__ or seen.__context__
    return None
