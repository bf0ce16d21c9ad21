"""
Writes zones.json: how Python's zoneinfo, which Django uses, converts every half-hour from 1970 to 2037 in some time zones.

Run it as `python3 tests/core/django/vectors/make-zones.py`, with the version of the package tzdata that the test's Node has
(`process.versions.tz`; tzdata 2026.4 is 2026d). Each half-hour has three facts: the local time of a UTC time, and the UTC time of
a local time with fold=0 (the first of two, which PEP 495 prescribes for a time without a fold) and with fold=1.
They rarely differ from those of the half-hour before, so the file holds runs: [first half-hour, minutes], where minutes are
local time minus UTC.
"""

import json
import pathlib
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo, reset_tzpath

import tzdata

reset_tzpath([])  # use the package's data, whose version is known, not the system's

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]
EPOCH = datetime(1970, 1, 1)
HALF_HOURS = int((datetime(2038, 1, 1) - EPOCH) / timedelta(minutes=30))


def runs(offset_of):
    found = []
    for half_hour in range(HALF_HOURS):
        minutes = offset_of(EPOCH + timedelta(minutes=30 * half_hour)) / timedelta(minutes=1)
        if not found or found[-1][1] != minutes:
            found.append([half_hour, minutes])
    return [[at, int(minutes) if minutes == int(minutes) else minutes] for at, minutes in found]


def local_offset(zone):
    return lambda moment: moment.replace(tzinfo=timezone.utc).astimezone(zone).replace(tzinfo=None) - moment


def naive_offset(zone, fold):
    def offset(naive):
        moment = naive.replace(tzinfo=zone, fold=fold).astimezone(timezone.utc)
        return naive - moment.replace(tzinfo=None)

    return offset


def facts(zone):
    return {
        "toNaive": runs(local_offset(zone)),
        "fromNaive": runs(naive_offset(zone, 0)),
        "fromSecond": runs(naive_offset(zone, 1)),
    }


zones = {name: facts(ZoneInfo(name)) for name in ZONES}
text = json.dumps(
    {"tzdata": tzdata.IANA_VERSION, "halfHours": HALF_HOURS, "zones": zones}, separators=(",", ":")
)
for name in ['{"toNaive', '"fromNaive', '"fromSecond']:
    text = text.replace(name, "\n" + name)
pathlib.Path(__file__).with_name("zones.json").write_text(text + "\n")
