"""What every Dispatch promises: the order of polls, one host at a time with pauses, hosts side by side."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from feeds.dispatch.threads import Threads
from feeds.model import Facts, Job, NotModified, Poll, Source, SourceState
from feeds.ports import Dispatch
from tests.leaving import left_behind

NOW = datetime(2026, 5, 1, tzinfo=UTC)
MakeDispatch = Callable[..., Dispatch]


@pytest.fixture(params=[Threads])
def make(request: pytest.FixtureRequest) -> MakeDispatch:
    factory: MakeDispatch = request.param
    return factory


def job(name: str, url: str = "", *, moved_to: str = "") -> Job:
    source = Source(name=name, url=url or f"http://{name}.example/feed")
    state = SourceState(source=name, moved_to=moved_to)
    return Job(source=source, state=state, token="t", facts=Facts(source=source, now=NOW))


def poll(job: Job) -> Poll:
    return Poll(job=job, answer=NotModified(), reading=None, state=job.state)


class Work:
    """Takes `seconds` for each job and remembers when each began and ended."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.spans: dict[str, tuple[float, float]] = {}
        self.lock, self.running, self.most = threading.Lock(), 0, 0

    def __call__(self, job: Job) -> Poll:
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        begin = time.monotonic()
        time.sleep(self.seconds)
        with self.lock:
            self.running -= 1
            self.spans[job.source.name] = (begin, time.monotonic())
        return poll(job)


def names(polls: list[Poll]) -> list[str]:
    return [poll.job.source.name for poll in polls]


def test_polls_come_in_the_order_of_jobs_whatever_order_they_end_in(make: MakeDispatch) -> None:
    jobs = [job(f"s{n}") for n in range(12)]
    first_done = threading.Event()

    def work(job: Job) -> Poll:
        if job.source.name == "s0":
            assert first_done.wait(5), "the others were not run beside the first"
        if job.source.name == "s11":
            first_done.set()
        return poll(job)

    polls = list(make(concurrency=4, host_delay=0).run([jobs], work))
    assert names(polls) == [f"s{n}" for n in range(12)]


def test_nothing_to_do_is_done_at_once(make: MakeDispatch) -> None:
    assert list(make(concurrency=4).run([[]], poll)) == []


def test_each_job_runs_once(make: MakeDispatch) -> None:
    count: dict[str, int] = defaultdict(int)
    lock = threading.Lock()

    def work(job: Job) -> Poll:
        with lock:
            count[job.source.name] += 1
        return poll(job)

    jobs = [job(f"s{n}", f"http://host{n % 7}.example/{n}") for n in range(200)]
    assert names(list(make(concurrency=16, host_delay=0).run([jobs], work))) == [f"s{n}" for n in range(200)]
    assert set(count.values()) == {1}
    assert len(count) == 200


def test_never_more_at_once_than_allowed(make: MakeDispatch) -> None:
    work = Work(0.02)
    list(make(concurrency=3, host_delay=0).run([[job(f"s{n}") for n in range(15)]], work))
    assert work.most == 3


def test_one_host_is_asked_one_at_a_time_with_a_pause_after_each(make: MakeDispatch) -> None:
    work = Work(0.05)
    urls = ["http://one.example/a", "http://one.example:8080/b", "https://ONE.example/c", "http://me:pw@one.example/d"]
    jobs = [job(f"s{n}", url) for n, url in enumerate(urls)]
    list(make(concurrency=8, host_delay=0.1).run([jobs], work))
    spans = [work.spans[f"s{n}"] for n in range(4)]
    assert all(next_begin - end >= 0.1 for (_, end), (next_begin, _) in pairwise(spans)), (
        "from an end to the next start"
    )
    assert work.most == 1


def test_other_hosts_do_not_wait_for_a_slow_one(make: MakeDispatch) -> None:
    work = Work(0.01)
    slow = [job(f"slow{n}", "http://slow.example/") for n in range(4)]
    quick = [job(f"quick{n}") for n in range(40)]
    start = time.monotonic()
    list(make(concurrency=4, host_delay=0.2).run([[*slow, *quick]], work))
    assert max(work.spans[f"quick{n}"][1] for n in range(40)) - start < 0.5
    assert max(work.spans[f"slow{n}"][1] for n in range(4)) - start >= 0.6


def test_a_learnt_address_decides_the_host(make: MakeDispatch) -> None:
    work = Work(0.02)
    jobs = [job("a", "http://one.example/"), job("b", "http://two.example/", moved_to="https://one.example/b")]
    list(make(concurrency=2, host_delay=0.1).run([jobs], work))
    assert work.spans["b"][0] - work.spans["a"][1] >= 0.1


def test_two_at_a_time_where_a_host_allows_it(make: MakeDispatch) -> None:
    work = Work(0.05)
    jobs = [job(f"s{n}", "http://one.example/") for n in range(5)]
    assert len(list(make(concurrency=8, per_host=2, host_delay=0.02).run([jobs], work))) == 5
    assert work.most == 2


def test_files_wait_for_nobody(make: MakeDispatch) -> None:
    work = Work(0.05)
    start = time.monotonic()
    list(make(concurrency=8, host_delay=5).run([[job(f"s{n}", f"file:/srv/{n}") for n in range(8)]], work))
    assert time.monotonic() - start < 1
    assert work.most > 1


def test_the_pause_holds_from_one_run_to_the_next(make: MakeDispatch) -> None:
    work, dispatch = Work(), make(concurrency=2, host_delay=0.15)
    for name in ("first", "second"):
        list(dispatch.run([[job(name, "http://one.example/")]], work))
    assert work.spans["second"][0] - work.spans["first"][1] >= 0.15


@pytest.mark.parametrize(
    ("ago", "least", "most"),
    [
        pytest.param(0.0, 0.3, 0.6, id="just now"),
        pytest.param(0.2, 0.1, 0.4, id="a moment ago: the rest of the pause"),
        pytest.param(5.0, 0.0, 0.25, id="long ago"),
        pytest.param(-3600.0, 0.3, 0.6, id="in the future, as a clock that was set back has it"),
    ],
)
def test_the_pause_holds_after_requests_of_other_processes(
    make: MakeDispatch, ago: float, least: float, most: float
) -> None:
    work, start = Work(), time.monotonic()
    asked = replace(job("a"), host_asked=NOW - timedelta(seconds=ago))
    list(make(concurrency=2, host_delay=0.3).run([[asked]], work))
    assert least <= work.spans["a"][0] - start < most


@pytest.mark.parametrize("url", ["http://[::1/", "http://", "nonsense", "http://[::1]:80/"])
def test_an_odd_address_is_a_job_like_any_other(make: MakeDispatch, url: str) -> None:
    assert names(list(make(concurrency=2, host_delay=0).run([[job("a", url), job("b")]], poll))) == ["a", "b"]


def test_an_error_of_the_work_is_raised_in_its_place(make: MakeDispatch) -> None:
    def work(job: Job) -> Poll:
        if job.source.name == "s2":
            raise ZeroDivisionError("a bug")
        return poll(job)

    run = make(concurrency=4, host_delay=0).run([[job(f"s{n}") for n in range(5)]], work)
    assert names([next(run), next(run)]) == ["s0", "s1"]
    with pytest.raises(ZeroDivisionError, match="a bug"):
        next(run)
    assert list(run) == []


def test_a_caller_that_stops_asking_starts_nothing_more_and_waits_for_nobody(make: MakeDispatch) -> None:
    began, release = list[str](), threading.Event()

    def work(job: Job) -> Poll:
        began.append(job.source.name)
        if job.source.name != "s0":
            release.wait(60)
        return poll(job)

    run = make(concurrency=3, host_delay=0).run([[job(f"s{n}") for n in range(30)]], work)
    assert next(run).job.source.name == "s0"
    start = time.monotonic()
    run.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start < 30, "those that run are not waited for"
    stuck = len(began)
    release.set()
    time.sleep(0.1)
    assert len(began) == stuck <= 4


def test_nothing_starts_before_it_is_asked_for(make: MakeDispatch) -> None:
    work = Work()
    run = make(concurrency=3).run([[job("a")]], work)
    time.sleep(0.05)
    assert work.spans == {}
    assert len(list(run)) == 1


def test_threads_end_with_their_run(make: MakeDispatch) -> None:
    before = set(threading.enumerate())
    for _ in range(5):
        jobs = [job(f"s{n}", f"http://h{n % 9}/") for n in range(40)]
        list(make(concurrency=16, host_delay=0.01).run([jobs], Work()))
    deadline = time.monotonic() + 2
    while set(threading.enumerate()) - before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= before


def test_a_slow_job_does_not_hold_back_the_next_batches(make: MakeDispatch) -> None:
    others = threading.Barrier(3, timeout=60)

    def work(job: Job) -> Poll:
        if job.source.name in ("slow", "b", "d"):
            others.wait()  # the first one ends when one of each later batch is at work
        return poll(job)

    batches = [[job("slow"), job("a")], [job("b"), job("c")], [job("d")]]
    assert names(list(make(concurrency=3, host_delay=0).run(batches, work))) == ["slow", "a", "b", "c", "d"]


def test_a_host_of_two_batches_is_asked_one_at_a_time(make: MakeDispatch) -> None:
    work = Work(seconds=0.02)
    batches = [[job(f"s{n}{m}", "http://one.example/") for m in range(2)] for n in range(4)]
    assert len(list(make(concurrency=8, host_delay=0.01).run(batches, work))) == 8
    assert work.most == 1


def test_no_batch_is_asked_for_before_there_is_room(make: MakeDispatch) -> None:
    asked, release = list[int](), threading.Event()

    def batches() -> Iterator[list[Job]]:
        for n in range(3):
            asked.append(n)
            yield [job(f"s{n}{m}") for m in range(4)]

    def work(job: Job) -> Poll:
        if job.source.name == "s00":
            return poll(job)
        release.wait(60)
        return poll(job)

    run = make(concurrency=2, host_delay=0).run(batches(), work)
    next(run)
    assert asked == [0]
    release.set()
    assert len(list(run)) == 11


def test_what_waits_behind_a_slow_job_is_bounded(make: MakeDispatch) -> None:
    asked = list[int]()

    def batches() -> Iterator[list[Job]]:
        for n in range(5000):
            asked.append(n)
            yield [job(f"s{n}")]

    def work(job: Job) -> Poll:
        if job.source.name == "s0":
            before = -1
            while len(asked) < 100 or len(asked) != before:  # until no more come
                before = len(asked)
                time.sleep(0.2)
        return poll(job)

    run = make(concurrency=8, host_delay=0).run(batches(), work)
    next(run)
    assert 100 <= len(asked) < 2000
    run.close()  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------ jobs that are started


def test_a_started_job_that_is_slow_holds_up_no_other(make: MakeDispatch) -> None:
    ended: list[str] = []
    slow, dispatch = threading.Event(), make(concurrency=4, host_delay=0)

    def work(job: Job) -> None:
        if job.source.name == "slow":
            assert slow.wait(10)
        ended.append(job.source.name)

    dispatch.start([job("slow"), job("a"), job("b")], work)
    assert dispatch.wait(10, free=3)
    assert (sorted(ended), sorted(dispatch.begun()), dispatch.free()) == (["a", "b"], ["slow"], 3)
    dispatch.start([job("c")], work)
    assert dispatch.wait(10, free=3)
    assert not dispatch.wait(0.05), "not all have ended"
    slow.set()
    assert dispatch.wait(10)
    assert sorted(ended) == ["a", "b", "c", "slow"]
    assert dispatch.begun() == frozenset()


def test_started_jobs_of_one_host_pause_and_the_host_rests_after(make: MakeDispatch) -> None:
    work, dispatch = Work(0.02), make(concurrency=8, host_delay=0.2)
    dispatch.start([job("a", "http://one.example/a"), job("b", "http://one.example/b")], work)
    assert dispatch.wait(10)
    assert work.spans["b"][0] - work.spans["a"][1] >= 0.2
    assert dispatch.resting() == {"one.example"}
    dispatch.start([job("c", "http://one.example/c")], work)
    assert dispatch.wait(10)
    assert work.spans["c"][0] - work.spans["b"][1] >= 0.2
    time.sleep(0.25)
    assert dispatch.resting() == frozenset()


def test_a_started_job_that_raises_frees_its_place(make: MakeDispatch) -> None:
    dispatch = make(concurrency=2, host_delay=0)

    def work(job: Job) -> None:
        raise ValueError(job.source.name)

    dispatch.start([job("a"), job("b")], work)
    assert dispatch.wait(10)


def test_after_a_stop_what_has_not_begun_never_does(make: MakeDispatch) -> None:
    work, dispatch = Work(0.2), make(concurrency=8, host_delay=0)
    dispatch.start([job(f"s{n}", "http://one.example/") for n in range(5)], work)
    time.sleep(0.05)
    dispatch.stop()
    assert dispatch.wait(10)
    assert list(work.spans) == ["s0"]


def test_threads_end_with_their_jobs(make: MakeDispatch) -> None:
    dispatch, before = make(concurrency=16, host_delay=0), threading.active_count()
    for _ in range(5):
        dispatch.start([job(f"s{n}") for n in range(16)], Work(0.01))
        assert dispatch.wait(10)
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.01)
    assert threading.active_count() <= before


@pytest.mark.parametrize("jobs", [pytest.param(0, id="none"), pytest.param(1, id="one"), pytest.param(5, id="some")])
def test_nothing_is_kept_of_jobs_that_were_started_and_have_ended(make: MakeDispatch, jobs: int) -> None:
    dispatch = make(concurrency=4, host_delay=0)

    def start() -> None:
        dispatch.start([job(f"s{n}") for n in range(jobs)], poll)
        assert dispatch.wait(60)

    assert left_behind(start, rounds=200) < 300
