"""Axes, ticks and path data of the charts."""

from leakcheck._html.frame import Axis, dots, line, nice_ticks


class TestAxes:
    def test_ticks_are_round_and_inside(self):
        for low, high in ((0.0, 1.0), (0.953, 0.9967), (-3.2, 1.0), (0, 12345.0), (1e-9, 2e-9)):
            axis = Axis(low, high)
            ticks = nice_ticks(axis)
            assert 2 <= len(ticks) <= 7
            assert all(0 <= tick.place <= 1 for tick in ticks)
            labels = [float(tick.label) for tick in ticks]
            assert labels == sorted(set(labels))

    def test_an_axis_holds_what_it_is_made_of(self):
        assert Axis.around([]) == (0.0, 1.0)
        axis = Axis.around([0.4, float("nan"), 0.4])
        assert axis.low < 0.4 < axis.high
        assert Axis(0, 1).share(2.0) == 1.0

    def test_lines_break_and_points_are_left_out_where_a_number_is_undefined(self):
        nan = float("nan")
        assert line([(0, 1), (1, nan), (2, 3), (3, 4)]) == "M0 1M2 3L3 4"
        assert line([(0, 1), (1, nan), (2, 3), (3, 4)], "h9") == "M0 1h9M2 3L3 4"
        assert line([(0, nan), (1, 2), (2, nan), (3, 4)], "h9") == "M1 2h9M3 4h9"
        assert dots([(0, 1), (nan, 2)]) == "M0 1h0"
