// The function sockaddr with the real go-sockaddr, for golden.go of the folder above, and what it sees of the machine:
//
//	golden -world    prints the addresses of this network namespace as JSON
package main

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"text/template"

	sockaddr "github.com/hashicorp/go-sockaddr"
	socktmpl "github.com/hashicorp/go-sockaddr/template"
)

var functions = template.FuncMap{
	"sockaddr": func(args ...string) (string, error) {
		return socktmpl.Parse("{{ " + strings.Join(args, " ") + " }}")
	},
}

func dataSets() map[string]any {
	return map[string]any{"": nil}
}

type worldInterface struct {
	Index     int      `json:"index"`
	MTU       int      `json:"mtu"`
	Name      string   `json:"name"`
	Hardware  string   `json:"hardware,omitempty"`
	Flags     uint     `json:"flags"`
	Addresses []string `json:"addresses"`
}

func init() {
	if len(os.Args) != 2 || os.Args[1] != "-world" {
		return
	}
	interfaces, err := net.Interfaces()
	if err != nil {
		panic(err)
	}
	var world struct {
		Default    string           `json:"default"`
		Interfaces []worldInterface `json:"interfaces"`
	}
	if info, err := sockaddr.NewRouteInfo(); err == nil {
		world.Default, _ = info.GetDefaultInterfaceName()
	}
	for _, one := range interfaces {
		seen := worldInterface{one.Index, one.MTU, one.Name, one.HardwareAddr.String(), uint(one.Flags), nil}
		addresses, err := one.Addrs()
		if err != nil {
			panic(err)
		}
		for _, address := range addresses {
			seen.Addresses = append(seen.Addresses, address.String())
		}
		world.Interfaces = append(world.Interfaces, seen)
	}
	text, _ := json.MarshalIndent(world, "", " ")
	fmt.Println(string(text))
	os.Exit(0)
}
