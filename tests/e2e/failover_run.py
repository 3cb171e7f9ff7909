"""The failover check as it is promised: the whole table of `vagrant/poc test`, three times in a row, times and rate judged. The
machine must have nothing else to do."""

from e2e import poc_test

TIMES = 3


class FailoverTest(poc_test.PocTest):
    """Everything of the one-host test's set-up; its tests are not repeated."""

    test_up_join_leave_down = None
    test_up_after_everything_was_killed = None

    def test_the_table_three_times(self):
        self.poc("up", "--hosts", "3", "--no-build", seconds=300)
        for _ in range(TIMES):
            print(self.poc("test", seconds=600), flush=True)
        self.poc("down", seconds=180)
        self.assert_nothing_left()
