// The library functions under test, from the real libraries, added to those of the folder above.
package main

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/Masterminds/sprig"
	"github.com/davecgh/go-spew/spew"
	"gopkg.in/yaml.v2"
)

func init() {
	for name, function := range map[string]any{
		"parseYAML":    parseYAML,
		"toYAML":       toYAML,
		"toTOML":       toTOML,
		"spew_dump":    func(args ...any) string { spew.Fdump(io.Discard, args...); return "" },
		"spew_printf":  func(format string, args ...any) string { spew.Fprintf(io.Discard, format, args...); return "" },
		"spew_sdump":   spew.Sdump,
		"spew_sprintf": spew.Sprintf,
	} {
		functions[name] = function
	}
	for name, function := range sprig.HermeticTxtFuncMap() {
		functions["sprig_"+name] = function
	}
	// Newer than Debian's sprig 3.2.3.
	functions["sprig_sha512sum"] = func(text string) string {
		sum := sha512.Sum512([]byte(text))
		return hex.EncodeToString(sum[:])
	}
}

func parseYAML(text string) (any, error) {
	if text == "" {
		return map[string]any{}, nil
	}
	var data any
	if err := yaml.Unmarshal([]byte(text), &data); err != nil {
		return nil, err
	}
	return data, nil
}

func toYAML(value any) (string, error) {
	text, err := yaml.Marshal(value)
	if err != nil {
		return "", errors.New("toYAML: " + err.Error())
	}
	return string(bytes.TrimSpace(text)), nil
}

func toTOML(value any) (string, error) {
	var out bytes.Buffer
	if err := toml.NewEncoder(&out).Encode(value); err != nil {
		return "", errors.New("toTOML: " + err.Error())
	}
	return strings.TrimSpace(out.String()), nil
}
