// Go's side of `tests/bench/run render`: the same template over the same instances as tests/bench/render/render_main.cpp.
package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"strconv"
	"text/template"
	"time"
)

type benchInstance struct {
	Node, NodeAddress, Address, ID, Name, Status string
	Tags                                         []string
	ServiceMeta, NodeMeta                        map[string]string
	Port                                         int
}

type benchName struct {
	Name string
	Tags []string
}

func benchData(services, instances int) (names []*benchName, all map[string][]*benchInstance) {
	all = map[string][]*benchInstance{}
	for s := 0; s < services; s++ {
		name := fmt.Sprintf("svc%04d", s)
		tags := []string{"blue", "http", "v2"}
		names = append(names, &benchName{name, tags})
		for i := 0; i < instances; i++ {
			all[name] = append(all[name], &benchInstance{
				Node: fmt.Sprintf("node%05d", i), NodeAddress: "192.0.2.1",
				Address: fmt.Sprintf("10.%d.%d.%d", s%250, i/250, i%250+1),
				ID:      fmt.Sprintf("%s-%d", name, i), Name: name, Status: "passing", Tags: tags,
				ServiceMeta: map[string]string{"host": name + ".example", "weight": strconv.Itoa(i%5 + 1)},
				NodeMeta:    map[string]string{"zone": fmt.Sprintf("z%d", i%3)},
				Port:        20000 + i%10000,
			})
		}
	}
	return names, all
}

// Prints what parsing and executing take in seconds, the best of 5 seconds, and what came out:
// {"parse": 0.001, "execute": 0.1, "sha256": "..."}
func bench(path, services, instances string) {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	s, _ := strconv.Atoi(services)
	i, _ := strconv.Atoi(instances)
	names, all := benchData(s, i)
	functions["services"] = func() []*benchName { return names }
	functions["service"] = func(name string) []*benchInstance { return all[name] }
	// Not in helpers.go, because the real one takes lists of anything; this one is the faster.
	functions["in"] = func(list []string, wanted string) bool {
		for _, one := range list {
			if one == wanted {
				return true
			}
		}
		return false
	}
	parse, execute := time.Hour, time.Hour
	var out bytes.Buffer
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); {
		start := time.Now()
		t := template.Must(template.New("t").Funcs(functions).Parse(string(text)))
		if took := time.Since(start); took < parse {
			parse = took
		}
		out.Reset()
		start = time.Now()
		if err := t.Execute(&out, nil); err != nil {
			panic(err)
		}
		if took := time.Since(start); took < execute {
			execute = took
		}
	}
	fmt.Printf("{\"parse\": %g, \"execute\": %g, \"sha256\": \"%x\"}\n", parse.Seconds(), execute.Seconds(), sha256.Sum256(out.Bytes()))
}
