"""Times as people name them: ``2026-11-20T10:00``, ``10:30``, ``today``, ``-2h``."""

from __future__ import annotations

import datetime
import re

__all__ = ["parse_time"]

_SINCE_NOW = re.compile(r"-?\s*(\d+(?:\.\d+)?)\s*(ms|s|sec|m|min|h|d|w)(?:\s+ago)?")
_SECONDS = {
    "ms": 0.001,
    "s": 1,
    "sec": 1,
    "m": 60,
    "min": 60,
    "h": 3_600,
    "d": 86_400,
    "w": 604_800,
}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_EPOCH = re.compile(r"@(\d+(?:\.\d+)?)")


def parse_time(
    text: str, *, zone: datetime.tzinfo = datetime.UTC, now: datetime.datetime | None = None
) -> datetime.datetime:
    """The moment that a text names, in UTC.

    ``2026-11-20``, ``2026-11-20 10:00``, ``2026-11-20T10:00:00.5+01:00``, ``10:30`` (of today),
    ``today``, ``yesterday``, ``tomorrow``, ``now``, ``-2h`` or ``2h ago`` (also ms, s, m, d and w)
    and ``@1795219200`` for seconds since 1970. What names no zone is
    in ``zone``. Raises ValueError for every other text.
    """
    now = (now or datetime.datetime.now(datetime.UTC)).astimezone(zone)
    try:
        return _parse(text.strip(), now).astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"{text!r} is no time: use 2026-11-20T10:00, 10:30, today, yesterday, -2h or "
            "@1795219200"
        ) from None


def _parse(text: str, now: datetime.datetime) -> datetime.datetime:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = datetime.timedelta(days=1)
    words = {
        "now": now,
        "today": midnight,
        "yesterday": midnight - day,
        "tomorrow": midnight + day,
    }
    if text.lower() in words:
        return words[text.lower()]
    if match := _SINCE_NOW.fullmatch(text):
        if not (text.startswith("-") or text.endswith("ago")):
            raise ValueError(text)
        return now - datetime.timedelta(seconds=float(match[1]) * _SECONDS[match[2]])
    if match := _CLOCK.fullmatch(text):
        return midnight.replace(hour=int(match[1]), minute=int(match[2]), second=int(match[3] or 0))
    if match := _EPOCH.fullmatch(text):
        return datetime.datetime.fromtimestamp(float(match[1]), datetime.UTC)
    moment = datetime.datetime.fromisoformat(text.replace("/", "-", 2))
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
