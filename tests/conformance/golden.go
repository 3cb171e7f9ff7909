// Makes the expected values of the conformance rows with the real text/template engine.
// Run by regenerate.sh and differential.py; neither the build nor the tests need Go.
//
//	golden DIRECTORY input.txt...   writes DIRECTORY/input.json
//	golden -stdin                   a row of JSON per line in, the same with its outcome out
//	golden -bench TEMPLATE SERVICES INSTANCES    see bench.go
//
// An input file has one template per line. Lines that start with # are directives for the rows that follow:
//
//	#data NAME          a data set of data.go (default: none)
//	#json VALUE         the data, as JSON
//	#missingkey MODE    default, zero or error
//	#delims LEFT RIGHT  other delimiters
//	#begin ... #end     the lines between are one template
//	## text             a comment
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"unicode/utf8"
)

type row struct {
	Name       string          `json:"name"`
	Template   string          `json:"template"`
	Data       string          `json:"data,omitempty"`
	JSON       json.RawMessage `json:"json,omitempty"`
	MissingKey string          `json:"missingkey,omitempty"`
	Left       string          `json:"left,omitempty"`
	Right      string          `json:"right,omitempty"`
	Want       *string         `json:"want,omitempty"`
	WantHex    string          `json:"want_hex,omitempty"` // instead of want where the output is not UTF-8
	Error      *string         `json:"error,omitempty"`
}

func (r *row) run() {
	fail := func(err error) {
		text := err.Error()
		r.Error = &text
	}
	t := template.New("t").Delims(r.Left, r.Right).Funcs(functions)
	if r.MissingKey != "" {
		t.Option("missingkey=" + r.MissingKey)
	}
	if _, err := t.Parse(r.Template); err != nil {
		fail(err)
		return
	}
	var data any = dataSets()[r.Data]
	if r.JSON != nil {
		if err := json.Unmarshal(r.JSON, &data); err != nil {
			panic(fmt.Sprintf("%s: bad #json: %v", r.Name, err))
		}
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		fail(err)
		return
	}
	text := out.String()
	if !utf8.ValidString(text) {
		r.WantHex = hex.EncodeToString(out.Bytes())
		return
	}
	r.Want = &text
}

func readRows(path string) []row {
	file, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer file.Close()
	group := strings.TrimSuffix(filepath.Base(path), ".txt")
	var rows []row
	var current row
	var block []string
	inBlock := false
	add := func(text string) {
		next := current
		next.Name = fmt.Sprintf("%s/%d", group, len(rows)+1)
		next.Template = text
		rows = append(rows, next)
	}
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := scanner.Text()
		word, rest, _ := strings.Cut(line, " ")
		switch {
		case word == "#end":
			add(strings.Join(block, "\n"))
			inBlock = false
		case inBlock:
			block = append(block, line)
		case line == "" || strings.HasPrefix(line, "##"):
		case word == "#begin":
			inBlock, block = true, nil
		case word == "#data":
			current.Data, current.JSON = rest, nil
			if _, ok := dataSets()[rest]; !ok {
				panic("unknown data set " + rest)
			}
		case word == "#json":
			current.Data, current.JSON = "", json.RawMessage(rest)
		case word == "#missingkey":
			current.MissingKey = rest
		case word == "#delims":
			current.Left, current.Right, _ = strings.Cut(rest, " ")
		case strings.HasPrefix(line, "#"):
			panic("unknown directive " + line)
		default:
			add(line)
		}
	}
	return rows
}

// Answers row after row; whoever asks compares.
func answer() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 16<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for scanner.Scan() {
		var next row
		if err := json.Unmarshal(scanner.Bytes(), &next); err != nil {
			panic(err)
		}
		next.run()
		if err := encoder.Encode(next); err != nil {
			panic(err)
		}
	}
	out.Flush()
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "-stdin" {
		answer()
		return
	}
	if len(os.Args) == 5 && os.Args[1] == "-bench" {
		bench(os.Args[2], os.Args[3], os.Args[4])
		return
	}
	for _, path := range os.Args[2:] {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		out.WriteString("[\n")
		rows := readRows(path)
		for i := range rows {
			rows[i].run()
			if i > 0 {
				out.Truncate(out.Len() - 1)
				out.WriteString(",\n")
			}
			if err := encoder.Encode(rows[i]); err != nil {
				panic(err)
			}
		}
		out.WriteString("]\n")
		name := strings.TrimSuffix(filepath.Base(path), ".txt") + ".json"
		if err := os.WriteFile(filepath.Join(os.Args[1], name), out.Bytes(), 0o644); err != nil {
			panic(err)
		}
	}
}
