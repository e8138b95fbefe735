"""What the parent and the nursery say to each other: orders and numbers of fixed length."""

from __future__ import annotations

import struct

ORDER = struct.Struct(">ci")  # what to do, and with which process
FORK, KILL = b"f", b"k"
NUMBER = struct.Struct(">i")  # of the process, or its wait status
OUT_OF_MEMORY = 77  # exit code of a reader
