"""What a client is told of trouble with the database."""

import pytest

from headgate.core.errors import Unavailable
from headgate.storage.state.database import Database


def test_details_of_the_database_stay_in_the_log(tmp_path, caplog):
    """A table's name, a statement or a host reaches the log and no client."""
    database = Database(f"sqlite:///{tmp_path}/s.db")
    with pytest.raises(Unavailable) as refused, database.reading() as connection:
        connection.exec_driver_sql("SELECT secret_column FROM secret_table")
    assert (refused.value.code, refused.value.status) == ("state_unavailable", 503)
    assert refused.value.message == "The control state cannot be used: the log has the reason."
    assert "secret_table" in caplog.text
    database.close()


def test_a_reason_that_a_person_can_act_on_is_told(tmp_path):
    """A file that is no database is named as that."""
    (tmp_path / "s.db").write_bytes(b"x" * 4096)
    with pytest.raises(Unavailable, match="cannot be used: file is not a database"):
        Database(f"sqlite:///{tmp_path}/s.db")
