"""What serving processes have learnt of the parameters that targets refuse, for the next one and for the command that shows it."""

from headgate.exchange.refused_parameters import LearntRefusal
from headgate.storage.state.stated_file import StatedFile

_FILE: StatedFile[tuple[LearntRefusal, ...]] = StatedFile("refused_parameters.json", tuple[LearntRefusal, ...], "the refused parameters", ())


def write_refusals(data_dir: str, refusals: tuple[LearntRefusal, ...]) -> None:
    """Replace it, where it has changed."""
    _FILE.write(data_dir, refusals)


def read_refusals(data_dir: str) -> tuple[LearntRefusal, ...]:
    """What is known now."""
    return _FILE.read(data_dir)
