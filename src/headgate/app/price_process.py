"""A short-lived process that looks prices up: sales as JSON on standard input, their rates as JSON on standard output. Run as `python -m headgate.app.price_process DATA`.

The price list takes a second and tens of megabytes to load, which a serving process without budgets does not spend.
"""

import sys
import time

import msgspec

from headgate.core.usage import Usage
from headgate.metering.price import Rates, Sold
from headgate.storage.rows.rates import lazy_rates


def found_rates(data_dir: str, sales: list[Sold], at_ns: int) -> list[Rates | None]:
    """What a small request of each sale costs at this moment, by the price list and the configuration of a data directory."""
    rates_of = lazy_rates(data_dir)
    return [rates_of(sale, at_ns, Usage(input_tokens=1, output_tokens=1)) for sale in sales]


if __name__ == "__main__":
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=list[Sold])
    sys.stdout.buffer.write(msgspec.json.encode(found_rates(sys.argv[1], asked, time.time_ns())))
