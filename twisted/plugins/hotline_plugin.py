"""Tells twistd that there is a daemon called hotline."""

from twisted.application.service import ServiceMaker

hotline = ServiceMaker(
    "hotline",
    "hotline.tap",
    "A helpline: anonymous people ask, an organisation's consultants answer.",
    "hotline",
)
