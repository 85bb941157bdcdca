"""Connecting to addresses that people have typed: only to hosts of the public net, whatever their name says.

In come a name and a port, out comes a TLS connection to one of its public addresses, or PrivateHost. What
the name leads to is looked at once and then connected to, so that it cannot change in between.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.interfaces import IResolutionReceiver, IStreamClientEndpoint
from twisted.internet.ssl import optionsForClientTLS
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

CONNECT_SECONDS = 10


class PrivateHost(Exception):
    """The name leads to no address of the public net."""


# What is inside an IPv6 address of these is an IPv4 address, and where it leads.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether this IP address is one of the public net: not this machine, not a network nearby."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        translated = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if found in _NAT64 else None
        inner = found.ipv4_mapped or found.sixtofour or translated
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


@implementer(IAgentEndpointFactory)
class PublicHosts:
    """For an Agent: it can reach https on public hosts, and nothing else.

    :param may_reach: which IP addresses; only tests have another opinion of that.
    :param trust_root: who may certify hosts; None: whom the platform trusts.
    """

    def __init__(
        self, reactor: Any, may_reach: Callable[[str], bool] = is_public, trust_root: Any = None
    ) -> None:
        self._reactor = reactor
        self._may_reach = may_reach
        self._trust_root = trust_root

    def endpointForURI(self, uri: Any) -> IStreamClientEndpoint:
        if uri.scheme != b"https":
            raise PrivateHost()
        return _PublicHost(
            self._reactor, uri.host.decode("ascii"), uri.port, self._may_reach, self._trust_root
        )


@implementer(IStreamClientEndpoint)
class _PublicHost:
    def __init__(
        self, reactor: Any, host: str, port: int, may_reach: Callable[[str], bool], trust_root: Any
    ) -> None:
        self._reactor = reactor
        self._host = host
        self._port = port
        self._may_reach = may_reach
        self._trust_root = trust_root

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: Any) -> Any:
        addresses = [each for each in await self._resolved() if self._may_reach(each.host)]
        if not addresses:
            raise PrivateHost()
        context = optionsForClientTLS(self._host, trustRoot=self._trust_root)
        error: Exception = PrivateHost()
        for address in addresses[:2]:
            kind = TCP6ClientEndpoint if ":" in address.host else TCP4ClientEndpoint
            plain = kind(self._reactor, address.host, self._port, timeout=CONNECT_SECONDS)
            try:
                return await wrapClientTLS(context, plain).connect(factory)
            except Exception as problem:
                error = problem
        raise error

    def _resolved(self) -> Deferred[list[Any]]:
        receiver = _Addresses()
        self._reactor.nameResolver.resolveHostName(receiver, self._host, self._port)
        return receiver.all


@implementer(IResolutionReceiver)
class _Addresses:
    def __init__(self) -> None:
        self._found: list[Any] = []
        self.all: Deferred[list[Any]] = Deferred()

    def resolutionBegan(self, resolutionInProgress: Any) -> None:
        """Nothing to do yet."""

    def addressResolved(self, address: Any) -> None:
        self._found.append(address)

    def resolutionComplete(self) -> None:
        self.all.callback(self._found)
