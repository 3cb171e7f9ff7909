"""Every metric of every part is provoked and scraped: tests/e2e/metrics_*_test.py. Their lists are compared with what each
part shows: one that is new there, or that no scenario moves, fails the test; a lint compares them with the sources."""

# What is not moved by these scenarios, and which test does it.
ELSEWHERE = {name: "guard_test" for name in (
    "longshore_guard_instances_kept", "longshore_guard_holds_total", "longshore_guard_instances_kept_total",
    "longshore_guard_files_held_total", "longshore_guard_holds_ended_total")}

# Of each process; what a test can say of them is that they are there.
PROCESS = """longshore_build_info process_cpu_seconds_total process_resident_memory_bytes process_virtual_memory_bytes
    process_start_time_seconds process_open_fds process_max_fds"""


class Moves:
    """The end of each scenario."""

    def assert_all_move(self, meter, listed):
        names = set(listed.split())
        shown = {name for name in meter.names if name not in PROCESS.split()}
        self.assertEqual(set(PROCESS.split()), meter.names - shown)
        self.assertEqual(names, shown - set(ELSEWHERE), "the list of this part, and what it shows")
        still = [key for key in meter.unmoved() if key.partition("{")[0] in names]
        self.assertEqual([], still, "no scenario moves these")
