"""`twistd -ny hotline.tac`: the same as `twistd -n hotline`, with options from HOTLINE_... variables."""

from twisted.application.service import Application

from hotline.tap import Options, makeService

options = Options()
options.parseOptions([])
application = Application("hotline")
makeService(options).setServiceParent(application)
