"""A small S3 over loopback that can be as wrong as any real one. README.md says how to use it."""

from .control import Control
from .faults import Fault
from .server import Server
from .tls import Authority

__all__ = ["Authority", "Control", "Fault", "Server"]
