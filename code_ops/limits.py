"""What the system lets this process have."""

from __future__ import annotations

import resource

# Stands for "no limit" where a number is needed.
UNLIMITED = 1 << 30


def descriptor_limits() -> tuple[int, int]:
    """The soft and the hard limit of open descriptors."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    limits = [UNLIMITED if limit == resource.RLIM_INFINITY else limit for limit in (soft, hard)]
    return limits[0], limits[1]
