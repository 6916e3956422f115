from . import infrastructure as infrastructure
from . import security as security

__all__ = ["__version__", "infrastructure", "security"]

__version__: str
