import pytest

from edge.gateway.latency import LatencyWindow


def test_there_is_no_percentile_before_the_first_latency():
    assert LatencyWindow().percentile_ms(50) is None


def test_percentiles_are_milliseconds_over_the_last_latencies_only():
    window = LatencyWindow(size=4)
    for latency_s in (9.0, 0.010, 0.020, 0.030, 0.040):
        window.add(latency_s)
    assert window.percentile_ms(50) == pytest.approx(25.0)
    assert window.percentile_ms(100) == pytest.approx(40.0)
