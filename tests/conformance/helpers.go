// Stand-ins for those helper functions that are a plain call of Go's standard library, so that their rows have an oracle.
// The others have their expected values in cases written by hand.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

func encodeJSON(name string, v any, indent string, html bool) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(html)
	encoder.SetIndent("", indent)
	if err := encoder.Encode(v); err != nil {
		return "", fmt.Errorf("%s: %v", name, err)
	}
	return strings.TrimRight(out.String(), "\n"), nil
}

func decode64(name string, coding *base64.Encoding) func(string) (string, error) {
	return func(s string) (string, error) {
		text, err := coding.DecodeString(s)
		if err != nil {
			return "", fmt.Errorf("%s: %v", name, err)
		}
		return string(text), nil
	}
}

// A number of the empty text is zero; errors name the function.
func number[T any](name string, parse func(string) (T, error)) func(string) (T, error) {
	return func(s string) (T, error) {
		var zero T
		if s == "" {
			return zero, nil
		}
		n, err := parse(s)
		if err != nil {
			return zero, fmt.Errorf("%s: %v", name, err)
		}
		return n, nil
	}
}

func init() {
	epoch := time.Unix(0, 0).UTC()
	for name, function := range map[string]any{
		"toJSON":                func(v any) (string, error) { return encodeJSON("toJSON", v, "", true) },
		"toJSONPretty":          func(v any) (string, error) { return encodeJSON("toJSONPretty", v, "  ", true) },
		"toUnescapedJSON":       func(v any) (string, error) { return encodeJSON("toUnescapedJSON", v, "", false) },
		"toUnescapedJSONPretty": func(v any) (string, error) { return encodeJSON("toUnescapedJSONPretty", v, "  ", false) },
		"parseJSON": func(s string) (any, error) {
			if s == "" {
				return map[string]any{}, nil
			}
			var v any
			err := json.Unmarshal([]byte(s), &v)
			return v, err
		},
		"base64Encode":    func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"base64URLEncode": func(s string) string { return base64.URLEncoding.EncodeToString([]byte(s)) },
		"base64Decode":    decode64("base64Decode", base64.StdEncoding),
		"base64URLDecode": decode64("base64URLDecode", base64.URLEncoding),
		"sha256Hex":       func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) },
		"md5sum":          func(s string) string { h := md5.Sum([]byte(s)); return hex.EncodeToString(h[:]) },
		"hmacSHA256Hex": func(s, key string) string {
			h := hmac.New(sha256.New, []byte(key))
			h.Write([]byte(s))
			return hex.EncodeToString(h.Sum(nil))
		},
		"toTitle":    cases.Title(language.Und, cases.NoLower).String,
		"toLower":    strings.ToLower,
		"toUpper":    strings.ToUpper,
		"trim":       func(cut, s string) string { return strings.Trim(s, cut) },
		"trimPrefix": func(p, s string) string { return strings.TrimPrefix(s, p) },
		"trimSuffix": func(p, s string) string { return strings.TrimSuffix(s, p) },
		"trimSpace":  strings.TrimSpace,
		"replaceAll": func(from, to, s string) string { return strings.ReplaceAll(s, from, to) },
		"join":       func(sep string, v []string) string { return strings.Join(v, sep) },
		"split": func(sep, s string) []string {
			if s = strings.TrimSpace(s); s == "" {
				return []string{}
			}
			return strings.Split(s, sep)
		},
		"regexMatch": regexp.MatchString,
		"regexReplaceAll": func(re, to, s string) (string, error) {
			compiled, err := regexp.Compile(re)
			if err != nil {
				return "", err
			}
			return compiled.ReplaceAllString(s, to), nil
		},
		"parseBool":  number("parseBool", strconv.ParseBool),
		"parseFloat": number("parseFloat", func(s string) (float64, error) { return strconv.ParseFloat(s, 64) }),
		"parseInt":   number("parseInt", func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }),
		"parseUint":  number("parseUint", func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }),
		"timestamp": func(layout ...string) string {
			switch {
			case len(layout) == 0:
				return epoch.Format(time.RFC3339)
			case layout[0] == "unix":
				return strconv.FormatInt(epoch.Unix(), 10)
			}
			return epoch.Format(layout[0])
		},
	} {
		functions[name] = function
	}
}
