// go-dockerclient's fields over Docker's JSON. Expected texts are what text/template makes of such a struct.
#include <doctest/doctest.h>

#include "tests/unit/tmpl_registrator/inspected.h"

using longshore::tmpl::registrator::testing::tags;

TEST_CASE("fields of a container under their Go names") {
  struct Row {
    const char* text;
    const char* expected;
  };
  constexpr Row kRows[] = {
      {"{{.ID}}", "e20f9c1a76565d62ae24a3bb877b17b862b6eab94f4e95a0e07ccf25087aaf4f"},
      {"{{.Name}}", "/web-1"},
      {"{{.Image}} {{.Config.Image}}", "sha256:abc registry.example/web:1.2"},
      {"{{.Config.Hostname}}.{{.Config.Domainname}}.{{.Config.User}}", "e20f9c1a7656..www"},
      {"{{.Path}} {{.Args}} {{.Config.Cmd}}", "/srv/web [-p 80] [serve]"},
      {"{{.Config.Labels.team}}", "blue"},
      {"{{.Config.Labels.nope}}", "<no value>"},
      {"{{index .Config.Labels \"com.amazonaws.ecs.task-arn\"}}", "arn:aws:ecs:region:task/368f4403"},
      {"{{index .Config.Env 0}}", "ENVIRONMENT=test"},
      {"{{.NetworkSettings.IPAddress}}/{{.NetworkSettings.IPPrefixLen}}", "172.17.0.2/16"},
      {"{{range $n, $e := .NetworkSettings.Networks}}{{$n}}={{$e.IPAddress}}{{$e.Aliases}},{{end}}",
       "back=10.0.9.3[web],bridge=172.17.0.2[],"},
      {"{{range $p, $b := .NetworkSettings.Ports}}{{$p}} {{$p.Port}} {{$p.Proto}} {{len $b}},{{end}}",
       "53/udp 53 udp 0,80/tcp 80 tcp 2,"},
      {"{{range $p, $b := .NetworkSettings.Ports}}{{range $b}}{{.HostIP}}:{{.HostPort}},{{end}}{{end}}",
       "0.0.0.0:8080,:::8080,"},
      {"{{range $p, $b := .HostConfig.PortBindings}}{{(index $b 0).HostPort}}{{end}}", "8080"},
      {"{{.Config.ExposedPorts}}", "map[53/udp:{} 80/tcp:{}]"},
      {"{{.HostConfig.NetworkMode}} {{.HostConfig.Memory}} {{.HostConfig.CPUSetCPUs}}", "bridge 536870912 0-1"},
      {"{{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}", "on-failure:3"},
      {"{{.State.Running}} {{.State.Pid}} {{.State.Health.Status}}", "true 4711 healthy"},
      {"{{.Created.Year}} {{.State.StartedAt.Format \"15:04:05.0\"}} {{.State.FinishedAt.IsZero}}",
       "2026 05:06:08.5 true"},
      {"{{.Created}}", "2026-03-04 05:06:07.891234567 +0000 UTC"},
      {"{{range .Mounts}}{{.Name}}:{{.Destination}}:{{.RW}}{{end}}", "data:/data:true"},
      {"{{.RestartCount}} {{.Platform}} {{.Driver}}", "2 linux "},
      {"{{if .Node}}swarm{{else}}alone{{end}} {{if .GraphDriver}}x{{end}}", "alone "},
      {"{{printf \"%T %T %T\" . .Config .NetworkSettings.Ports}}",
       "*docker.Container *docker.Config map[docker.Port][]docker.PortBinding"},
      {"{{.Nope}}",
       "error: template: tags:1:2: executing \"tags\" at <.Nope>: can't evaluate field Nope in type "
       "*docker.Container (did you mean \"Node\"?)"},
      {"{{.Node.ID}}",
       "error: template: tags:1:7: executing \"tags\" at <.Node.ID>: nil pointer evaluating *docker.SwarmNode.ID"},
  };
  for (const Row& row : kRows) {
    CAPTURE(row.text);
    CHECK(tags(row.text) == row.expected);
  }
}

TEST_CASE("what is missing or of another type has its zero value") {
  constexpr const char* kOdd = R"({"Id": 7, "RestartCount": "x", "Args": {"a": 1}, "Created": "yesterday",
      "State": null, "config": {"hostname": "h", "Env": ["A=1", null, 3]}, "SizeRw": 1e300})";
  CHECK(tags("{{.ID}}|{{.RestartCount}}|{{.Args}}|{{.Created.Year}}|{{.State.Running}}|{{.SizeRw}}", {}, kOdd) ==
        "|0|[]|1|false|0");
  // Go's decoder does not look at the case of names.
  CHECK(tags("{{.Config.Hostname}} {{len .Config.Env}} {{index .Config.Env 1}}", {}, kOdd) == "h 3 ");
  CHECK(tags("{{.Config}}", {}, "{}") == "<nil>");
  CHECK(tags("x", {}, "[]") == "error: inspect: expected an object");
  CHECK(tags("x", {}, "{") == "error: inspect: unexpected end of JSON input");
}
