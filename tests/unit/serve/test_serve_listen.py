"""Addresses that cannot be listened on."""

from __future__ import annotations

from pathlib import Path

import pytest

from feeds.errors import UserError
from feeds.serve import listen


@pytest.mark.parametrize(
    "address",
    ["nonsense", "127.0.0.1:http", "127.0.0.1:99999", "127.0.0.1:-1", "unix:/no/such/folder/s", "unix:", "unix:s"],
)
def test_a_bad_address_is_the_operators_to_mend(address: str) -> None:
    with pytest.raises(UserError, match="cannot listen on"):
        listen.bind(address)


def test_a_file_in_the_place_of_the_socket_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"a file")
    with pytest.raises(UserError, match="in use"):
        listen.bind(f"unix:{tmp_path / 's'}")
    assert (tmp_path / "s").read_bytes() == b"a file"
