"""A charge is what a hand would multiply: counts times rates as they were written, without a rounding on the way."""

from decimal import Decimal
from fractions import Fraction
from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st

from headgate.core.usage import Counts
from headgate.metering.price import Period, Rates, charge, covers, rates_at, whole_nano_rates
from tests.fakes.examples import examples

# As price lists have them, as factors make them, and of more digits than a millionth of a millionth dollar.
MTOKS = (
    st.none() | st.sampled_from([0.0, 5.0, 0.5, 6.25, 0.1, 37.5, 0.0375]) | st.floats(0, 1000).map(lambda value: round(value, 6)) | st.floats(0, 1000)
)
RATES = st.builds(Rates, MTOKS, MTOKS, MTOKS, MTOKS, MTOKS, st.just("p"), st.just("m"), st.just("test"))
TOKENS = st.none() | st.integers(0, 10**7)
CLASSES = ("input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens")
USAGES = st.fixed_dictionaries(dict.fromkeys(CLASSES, TOKENS)).map(lambda counts: Counts(**counts))
STEPS = st.lists(st.tuples(st.integers(1, 400_000), RATES), max_size=3).map(lambda steps: tuple(sorted(steps, key=itemgetter(0))))


def by_hand(rates, usage):
    """The price of each class that was used, as a fraction of a dollar; `None` for one without a price."""
    fresh = rates.input_mtok
    read = fresh if rates.cache_read_mtok is None else rates.cache_read_mtok
    written_5m = fresh if rates.cache_write_5m_mtok is None else rates.cache_write_5m_mtok
    written_1h = written_5m if rates.cache_write_1h_mtok is None else rates.cache_write_1h_mtok
    used = [(getattr(usage, name), mtok) for name, mtok in zip(CLASSES, (fresh, read, written_5m, written_1h, rates.output_mtok), strict=True)]
    return [None if mtok is None else tokens * Fraction(repr(mtok)) / 10**6 for tokens, mtok in used if tokens]


@given(RATES, USAGES)
@examples(400)
def test_a_charge_is_exact(rates, usage):
    """To the last digit of a decimal; unknown where a class that was used has no price, and where nothing was reported."""
    parts, found = by_hand(rates, usage), charge(rates, usage)

    assert covers(rates, usage) == (None not in parts)
    if None in parts or all(getattr(usage, name) is None for name in CLASSES):
        assert found is None
    else:
        exact = Fraction(sum(parts))
        assert abs(Fraction(found) - exact) <= exact / 10**27  # a decimal has 28 digits
        if all((part * 10**12).denominator == 1 for part in parts):
            assert Fraction(found) == exact
            assert found == Decimal(found).quantize(Decimal(1).scaleb(-12))


@given(RATES, STEPS, USAGES)
@examples(200)
def test_a_charge_by_the_size_of_the_request_is_exact(first, steps, usage):
    """All tokens cost what those above the last step cost that the whole input exceeds."""
    size = usage.all_input_tokens or 0
    expected = [first, *(rates for above, rates in steps if size > above)][-1]

    assert charge(rates_at((Period(((0, first), *steps)),), 0, size), usage) == charge(expected, usage)


@given(RATES)
def test_whole_nano_dollars_are_those_of_a_million_tokens(rates):
    """Where each class has a whole number of them, and only there."""
    one = [by_hand(rates, Counts(**{name: 1})) for name in CLASSES]
    nanos = [None if part[0] is None else part[0] * 10**9 for part in one]
    whole = all(nano is not None and nano.denominator == 1 for nano in nanos)

    assert whole_nano_rates(rates) == (tuple(map(int, nanos)) if whole else None)
