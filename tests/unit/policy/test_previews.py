"""The previews: what is refused while one is off."""

import msgspec
import pytest

from headgate.config.schema import WrittenPreviews
from headgate.core.errors import FeatureDisabled
from headgate.policy.previews import Previews


@pytest.mark.parametrize("name", Previews.__struct_fields__)
def test_a_preview_that_is_off_says_who_can_switch_it_on(name: str) -> None:
    """The text names the setting; the others stay on."""
    previews = Previews(**{name: False})
    with pytest.raises(FeatureDisabled) as refused:
        previews.require(name)
    assert (refused.value.status, refused.value.code) == (404, "FEATURE_DISABLED")
    assert f"An administrator can switch it on, by `headgate preview on {name}` or by {name} = true under [previews]" in refused.value.message
    for other in {*Previews.__struct_fields__} - {name}:
        previews.require(other)


def test_every_preview_is_a_setting_with_the_same_default() -> None:
    """A preview that the file could not switch would stay on for ever."""
    assert WrittenPreviews.__struct_fields__ == Previews.__struct_fields__
    assert msgspec.convert(WrittenPreviews(), Previews, from_attributes=True) == Previews()
