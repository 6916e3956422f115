from . import infrastructure as infrastructure

__all__ = ["__version__", "infrastructure"]

__version__: str
