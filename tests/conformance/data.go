// The data sets of the conformance rows. conformance_data.cpp has the same ones for our engine.
package main

import (
	"errors"
	"strings"
	"text/template"
)

type Inner struct {
	Name   string
	Port   int
	Weight float64
	On     bool
	Tags   []string
	Meta   map[string]string
}

type Level int

func (l Level) String() string { return strings.Repeat("*", int(l)) }

type T struct {
	B       bool
	I       int
	I8      int8
	I16     int16
	I32     int32
	I64     int64
	U       uint
	U8      uint8
	U64     uint64
	F       float64
	F32     float32
	C       complex128
	S       string
	Empty   string
	SI      []int
	SS      []string
	SB      []byte
	SNil    []string
	AI      [3]int
	MSI     map[string]int
	MSS     map[string]string
	MIS     map[int]string
	MFS     map[float64]string
	MBS     map[bool]string
	MNil    map[string]int
	MAny    map[string]any
	Any     any
	AnyNil  any
	AnyS    any
	AnyList []any
	St      Inner
	P       *Inner
	PNil    *Inner
	L       []*Inner
	LV      []Inner
	Level   Level
}

func (t *T) Zero() string                            { return "zero" }
func (t *T) Add(a, b int) int                        { return a + b }
func (t *T) Join(sep string, parts ...string) string { return strings.Join(parts, sep) }
func (t *T) Fail(really bool) (string, error) {
	if really {
		return "", errors.New("failed as asked")
	}
	return "fine", nil
}
func (t *T) Self() *T { return t }

func inner(name string, port int) *Inner {
	return &Inner{name, port, 0.5, true, []string{"a", "b"}, map[string]string{"k": "v", "zone": "z1"}}
}

func dataSets() map[string]any {
	t := &T{
		B: true, I: 17, I8: -8, I16: 1600, I32: -320000, I64: 64000000000, U: 18, U8: 200, U64: 1 << 63, F: 3.25,
		F32: 0.1, C: complex(1, -2), S: "xyz", SI: []int{3, 4, 5}, SS: []string{"one", "two", "three"},
		SB: []byte("byte"), AI: [3]int{7, 8, 9}, MSI: map[string]int{"one": 1, "two": 2, "three": 3},
		MSS: map[string]string{"a": "1", "b": "2"}, MIS: map[int]string{10: "ten", -1: "minus", 2: "two"},
		MFS: map[float64]string{1.5: "x", -2: "y"}, MBS: map[bool]string{true: "t", false: "f"},
		MAny: map[string]any{"n": 1, "s": "str", "nil": nil, "l": []any{1, "two", 3.5}, "m": map[string]any{"k": "v"}},
		Any:  7, AnyS: "seven", AnyList: []any{1, -2.5, "x", nil, true, []any{"in"}},
		St: *inner("st", 1), P: inner("p", 2), L: []*Inner{inner("l0", 10), inner("l1", 11)},
		LV: []Inner{*inner("v0", 20)}, Level: 3,
	}
	return map[string]any{
		"":     nil,
		"T":    t,
		"str":  "hello",
		"int":  42,
		"list": []string{"a", "b", "c"},
		"map":  map[string]any{"x": 1, "y": "two", "z": []any{1, 2}},
	}
}

// Functions of the tests themselves, so that typed parameters can be tried.
var functions = template.FuncMap{
	"tString": func(s string) string { return "<" + s + ">" },
	"tInt":    func(i int) int { return i },
	"tUint":   func(i uint) uint { return i },
	"tFloat":  func(f float64) float64 { return f },
	"tBool":   func(b bool) bool { return b },
	"tAny":    func(v any) any { return v },
	"tList":   func(v []string) int { return len(v) },
	"tMap":    func(v map[string]any) int { return len(v) },
	"tError":  func() (string, error) { return "", errors.New("my error") },
	"tNil":    func() any { return nil },
	"tFunc": func() func(int, ...string) string {
		return func(i int, s ...string) string { return strings.Repeat(strings.Join(s, "-"), i) }
	},
}
