"""The transports hotline brings along, for `twisted.plugin.getPlugins(ITransport)`.

In: nothing. Out: one instance of each. Nothing listens before `ITransport.listen` is called.
"""

from hotline.protocols.longpoll_port import LongPollTransport
from hotline.protocols.rawsocket import RawSocketTransport
from hotline.protocols.websocket import WebSocketTransport

websocket = WebSocketTransport()
rawsocket = RawSocketTransport()
longpoll = LongPollTransport()
