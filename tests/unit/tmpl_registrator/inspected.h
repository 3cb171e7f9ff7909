// One container as Docker 20.10 describes it, cut to what the tests read.
#pragma once
#include <string>

#include "common/tmpl/registrator/container.h"
#include "common/tmpl/registrator/tags.h"

namespace longshore::tmpl::registrator::testing {

inline constexpr const char* kInspect = R"({
  "Id": "e20f9c1a76565d62ae24a3bb877b17b862b6eab94f4e95a0e07ccf25087aaf4f",
  "Created": "2026-03-04T05:06:07.891234567Z",
  "Path": "/srv/web", "Args": ["-p", "80"],
  "State": {"Status": "running", "Running": true, "Paused": false, "Pid": 4711, "ExitCode": 0,
            "StartedAt": "2026-03-04T05:06:08.5Z", "FinishedAt": "0001-01-01T00:00:00Z",
            "Health": {"Status": "healthy", "FailingStreak": 0, "Log": null}},
  "Image": "sha256:abc", "Name": "/web-1", "RestartCount": 2, "Platform": "linux",
  "HostConfig": {"NetworkMode": "bridge", "Binds": null, "Memory": 536870912, "CpusetCpus": "0-1",
                 "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]},
                 "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3}},
  "Mounts": [{"Name": "data", "Source": "/var/lib/docker/volumes/data", "Destination": "/data", "RW": true}],
  "Config": {"Hostname": "e20f9c1a7656", "User": "www", "Image": "registry.example/web:1.2",
             "Env": ["ENVIRONMENT=test", "SERVICE_8105_NAME=foo", "HOME=/home/foobar", "SERVICE_9404_NAME=bar"],
             "Cmd": ["serve"], "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
             "Labels": {"com.amazonaws.ecs.task-arn": "arn:aws:ecs:region:task/368f4403", "team": "blue"},
             "Healthcheck": {"Test": ["CMD", "true"], "Interval": 30000000000}},
  "NetworkSettings": {"IPAddress": "172.17.0.2", "IPPrefixLen": 16, "Gateway": "172.17.0.1",
    "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}],
              "53/udp": null},
    "Networks": {"bridge": {"IPAddress": "172.17.0.2", "Aliases": null},
                 "back": {"IPAddress": "10.0.9.3", "Aliases": ["web"]}}}
})";

// The text; "error: " and Go's error; "waiting: " and the URLs.
inline std::string tags(const std::string& text, const HttpAnswers& answers = {}, const char* inspect = kInspect) {
  const auto parsed = TagTemplate::parse(text);
  if (!parsed) return "error: " + parsed.error().text;
  const auto container = container_value(inspect);
  if (!container) return "error: " + container.error().text;
  const TagOutcome outcome = parsed->evaluate(*container, answers);
  if (outcome.kind == TagOutcome::Kind::complete) return outcome.text;
  if (outcome.kind == TagOutcome::Kind::failed) return "error: " + outcome.problem;
  std::string out = "waiting:";
  for (const std::string& url : outcome.unknown_urls) out += " " + url;
  return out;
}

}  // namespace longshore::tmpl::registrator::testing
