EXAMPLES = ""


def command() -> None:
    """X."""
