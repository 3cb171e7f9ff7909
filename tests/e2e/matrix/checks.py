"""Checks: which family, which defaults; what Consul refuses."""

from e2e.matrix.rows import S, row

BAD = "Consul refuses the whole service; ours has the default, with a warning"
META = "check keys are no attributes"
EXEC = "runs what a label says on the host: only with -allow-exec-checks"


def check(name, run, kind, meta, ours="", why=META, **more):
    """Original: the check and its keys in Meta. We: the check, and no such Meta."""
    original = S(check=kind, meta=meta, **more)
    mine = S(check=kind, **more)
    return row(name, run, original, registrator=[mine],
               ours=[S(check="" if ours == "none" else ours or kind, **more)], why=why)


ROWS = [
    check("check-http", "-l SERVICE_CHECK_HTTP=/health", "http", {"check_http": "/health"}),
    check("check-http-by-env", "-e SERVICE_CHECK_HTTP=/health", "http", {"check_http": "/health"}),
    check("check-http-of-a-port", "-l SERVICE_5000_CHECK_HTTP=/health", "http", {"check_http": "/health"}),
    row("check-http-of-another-port", "-l SERVICE_81_CHECK_HTTP=/health", S()),
    row("check-http-empty", "-l SERVICE_CHECK_HTTP=", S(meta={"check_http": ""}), registrator=[S()], why=META),
    check("check-http-method", "-l SERVICE_CHECK_HTTP=/ -l SERVICE_CHECK_HTTP_METHOD=HEAD", "http",
          {"check_http": "/", "check_http_method": "HEAD"}),
    check("check-http-interval", "-l SERVICE_CHECK_HTTP=/ -l SERVICE_CHECK_INTERVAL=15s -l SERVICE_CHECK_TIMEOUT=2s",
          "http", {"check_http": "/", "check_interval": "15s", "check_timeout": "2s"}),
    check("check-https", "-l SERVICE_CHECK_HTTPS=/health", "http", {"check_https": "/health"}),
    check("check-tcp", "-l SERVICE_CHECK_TCP=true", "tcp", {"check_tcp": "true"}),
    check("check-tcp-false", "-l SERVICE_CHECK_TCP=false", "tcp", {"check_tcp": "false"}, ours="none",
          why=META + "; false means false"),
    check("check-grpc", "-l SERVICE_CHECK_GRPC=true", "grpc", {"check_grpc": "true"}),
    check("check-grpc-tls", "-l SERVICE_CHECK_GRPC=1 -l SERVICE_CHECK_GRPC_USE_TLS=1 -l SERVICE_CHECK_TLS_SKIP_VERIFY=1",
          "grpc", {"check_grpc": "1", "check_grpc_use_tls": "1", "check_tls_skip_verify": "1"}),
    check("check-script", "-l 'SERVICE_CHECK_SCRIPT=true'", "script", {"check_script": "true"}, ours="none",
          why=META + "; " + EXEC),
    check("check-cmd", "-l 'SERVICE_CHECK_CMD=true'", "script", {"check_cmd": "true"}, ours="none",
          why=META + "; " + EXEC),
    check("check-http-and-tcp", "-l SERVICE_CHECK_TCP=1 -l SERVICE_CHECK_HTTP=/", "http",
          {"check_tcp": "1", "check_http": "/"}),
    check("check-https-and-script", "-l SERVICE_CHECK_SCRIPT=true -l SERVICE_CHECK_HTTPS=/", "http",
          {"check_script": "true", "check_https": "/"}),
    check("check-script-and-ttl", "-l SERVICE_CHECK_SCRIPT=true -l SERVICE_CHECK_TTL=30s", "script",
          {"check_script": "true", "check_ttl": "30s"}, ours="ttl", why=META + "; " + EXEC + ", so the next one counts"),
    check("check-ttl-and-tcp", "-l SERVICE_CHECK_TTL=30s -l SERVICE_CHECK_TCP=1", "ttl",
          {"check_ttl": "30s", "check_tcp": "1"}),
    check("check-tcp-and-grpc", "-l SERVICE_CHECK_GRPC=1 -l SERVICE_CHECK_TCP=1", "tcp",
          {"check_grpc": "1", "check_tcp": "1"}),
    check("check-deregister-after", "-l SERVICE_CHECK_TCP=1 -l SERVICE_CHECK_DEREGISTER_AFTER=30m", "tcp",
          {"check_tcp": "1", "check_deregister_after": "30m"}),
    row("check-options-alone", "-l SERVICE_CHECK_INTERVAL=5s -l SERVICE_CHECK_TIMEOUT=1s",
        S(meta={"check_interval": "5s", "check_timeout": "1s"}), registrator=[S()], why=META),
    row("check-bad-interval", "-l SERVICE_CHECK_HTTP=/ -l SERVICE_CHECK_INTERVAL=often",
        registrator=[S(check="http")], why=BAD),
    row("check-bad-timeout", "-l SERVICE_CHECK_TCP=1 -l SERVICE_CHECK_TIMEOUT=soon",
        registrator=[S(check="tcp")], why=BAD),
    row("check-bad-ttl", "-l SERVICE_CHECK_TTL=sometimes"),
    row("check-interval-without-unit", "-l SERVICE_CHECK_HTTP=/ -l SERVICE_CHECK_INTERVAL=10",
        registrator=[S(check="http")], why=BAD),
    # A port of nobody, so that the first probe does not change what is looked at.
    check("check-initial-warning", "-l SERVICE_CHECK_TTL=10m -l SERVICE_CHECK_INITIAL_STATUS=warning", "ttl",
          {"check_ttl": "10m", "check_initial_status": "warning"}),
    check("check-initial-passing", "-l SERVICE_CHECK_HTTP=/ -l SERVICE_CHECK_INITIAL_STATUS=passing "
          "-l SERVICE_CHECK_INTERVAL=1h", "http",
          {"check_http": "/", "check_initial_status": "passing", "check_interval": "1h"}, status="passing"),
    check("check-default-critical", "-l SERVICE_CHECK_HTTP=/ -l SERVICE_CHECK_INTERVAL=1h", "http",
          {"check_http": "/", "check_interval": "1h"}, status="critical"),
    row("check-bad-initial-status", "-l SERVICE_CHECK_TCP=1 -l SERVICE_CHECK_INITIAL_STATUS=fine",
        registrator=[S(check="tcp")], why=BAD),
]
