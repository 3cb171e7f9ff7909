"""What passed, failed and was skipped, over all kinds of tests."""


class Tally:
    def __init__(self):
        self.passed = 0
        self.failures = []  # (name, reason)
        self.skips = []     # (name, reason)

    def ok(self, count=1):
        self.passed += count

    def fail(self, name, reason):
        self.failures.append((name, reason))

    def skip(self, name, reason):
        self.skips.append((name, reason))

    def print_report(self, no_skips):
        """Prints what is not green, then the one line that ends every run. Returns the exit code."""
        for name, reason in self.skips:
            print(f"skipped: {name}: {reason}")
        for name, reason in self.failures:
            print(f"failed: {name}: {reason}")
        if no_skips and self.skips:
            print("In CI nothing may be skipped.")
        print(f"{self.passed} passed, {len(self.failures)} failed, {len(self.skips)} skipped", flush=True)
        return 1 if self.failures or (no_skips and self.skips) else 0
