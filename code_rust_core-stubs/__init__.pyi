from . import infrastructure as infrastructure

__version__: str
