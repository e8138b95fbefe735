"""Validators that others wrote, each started once for many files: jing with our grammar, Ruby's rss library."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).parent
needs_jing = pytest.mark.skipif(not shutil.which("jing"), reason="jing is not installed; see .ci/run")
needs_ruby = pytest.mark.skipif(not shutil.which("ruby"), reason="ruby is not installed; see .ci/run")

_RUBY = """
require "json"
require "rss"
puts JSON.generate(ARGV.to_h do |file|
  found = begin
    # true: whatever breaks a rule is an error; true: vocabularies that it does not know are let be
    RSS::Parser.parse(File.read(file, encoding: "UTF-8"), true, true) ? "" : "no feed"
  rescue StandardError => error
    "#{error.class}: #{error.message}"
  end
  [file, found]
end)
"""


def jing(files: Sequence[Path]) -> dict[Path, list[str]]:
    """What our grammar says against each file."""
    found: dict[Path, list[str]] = {file: [] for file in files}
    left = list(files)
    while left:
        command = ["jing", "-c", str(HERE / "atom.rnc"), *map(str, left)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        said = [re.match(r"(.+?):\d+:\d+: (error|fatal): (.*)", line) for line in done.stdout.splitlines()]
        if done.returncode != bool(said) or not all(said):
            raise AssertionError(f"jing: {done.stdout}{done.stderr}")
        ends = [Path(each[1]) for each in said if each and each[2] == "fatal"]
        for each in filter(None, said):
            found[Path(each[1])].append(each[3])
        left = left[left.index(ends[0]) + 1 :] if ends else []  # it ends at the first that is ill-formed
    return found


def ruby(files: Sequence[Path]) -> dict[Path, list[str]]:
    """What Ruby's library says against each file in its validating mode: the first thing only."""
    done = subprocess.run(
        ["ruby", "-W0", "-e", _RUBY, *map(str, files)], capture_output=True, text=True, timeout=300, check=True
    )
    return {Path(file): [said] if said else [] for file, said in json.loads(done.stdout).items()}
