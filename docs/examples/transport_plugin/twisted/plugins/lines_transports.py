"""Tells hotline that there is a transport called lines."""

from lines_transport import LinesTransport

lines = LinesTransport()
