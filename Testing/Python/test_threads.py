"""Work beside other work: its result, its fault, and its end where the other is cancelled."""

from threading import Event

import pytest
from FluoroPrintLib.errors import Cancelled, FluoroPrintError
from FluoroPrintLib.threads import beside

LONG_S = 10.0


def test_both_run_at_once():
    one, other = Event(), Event()

    def work(_):
        one.set()
        return other.wait(LONG_S)

    with beside(work) as met:
        assert one.wait(LONG_S)
        other.set()
        assert met()


def test_a_fault_beside_is_raised_where_the_result_is_asked_for():
    def work(_):
        raise FluoroPrintError("No bone was found.")

    with pytest.raises(FluoroPrintError, match="No bone"), beside(work) as result:
        result()


def test_work_ends_where_the_body_is_cancelled():
    ended = Event()

    def work(progress):
        try:
            while True:
                progress(0.5, "working")
        finally:
            ended.set()

    with pytest.raises(Cancelled), beside(work):
        raise Cancelled
    assert ended.is_set()
