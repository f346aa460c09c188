"""TLS towards Flink's REST interface: whom it is checked against, and who asks."""

import os
import ssl
from functools import cache

from jobs.errors import ConfigError

CA_FILE = "INTERESTREAM_FLINK_CA_FILE"
"""Environment variable with a file (PEM) of the authorities, or of the very certificate, that the
JobManager's REST interface is checked against; by default those of the system."""
CLIENT_FILE = "INTERESTREAM_FLINK_CLIENT_FILE"
"""Environment variable with a file (PEM) of the certificate and its key that a JobManager with
`security.ssl.rest.authentication-enabled` asks for."""


def client_context() -> ssl.SSLContext:
    """How a JobManager is asked over TLS, by the environment.

    Raises ConfigError for a file that cannot be read.
    """
    return _context(os.environ.get(CA_FILE, ""), os.environ.get(CLIENT_FILE, ""))


@cache
def _context(authorities: str, client: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=authorities or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{CA_FILE}: {authorities} has no certificates (PEM)") from error
    if client:
        try:
            context.load_cert_chain(client)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"{CLIENT_FILE}: {client} has no certificate and key (PEM) that fit"
            ) from error
    return context
