// The original HCL 1 parser, for differential.py: a JSON string per line in, the tree as tests/unit/hcl/show.h prints it
// out, or "error".
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/hcl/ast"
	"github.com/hashicorp/hcl/hcl/parser"
	"github.com/hashicorp/hcl/hcl/token"
)

func showText(text string) string {
	var out strings.Builder
	out.WriteByte('"')
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			out.WriteByte('\\')
			out.WriteByte(c)
		case c == '\n':
			out.WriteString("\\n")
		case c < 0x20 || c >= 0x7f:
			fmt.Fprintf(&out, "\\x%02x", c)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

func show(node ast.Node) string {
	switch n := node.(type) {
	case *ast.ObjectList:
		var items []string
		for _, item := range n.Items {
			var keys []string
			for _, key := range item.Keys {
				keys = append(keys, showText(fmt.Sprint(key.Token.Value())))
			}
			items = append(items, strings.Join(keys, " ")+"="+show(item.Val))
		}
		return "{" + strings.Join(items, " ") + "}"
	case *ast.ObjectType:
		return show(n.List)
	case *ast.ListType:
		var elements []string
		for _, element := range n.List {
			elements = append(elements, show(element))
		}
		return "[" + strings.Join(elements, " ") + "]"
	case *ast.LiteralType:
		switch n.Token.Type {
		case token.FLOAT:
			return "f:" + strconv.FormatFloat(n.Token.Value().(float64), 'g', 17, 64)
		case token.STRING, token.HEREDOC:
			return showText(n.Token.Value().(string))
		}
		return fmt.Sprint(n.Token.Value())
	}
	return "?"
}

func answer(text string) (out string) {
	defer func() {
		if recover() != nil {
			out = "error"
		}
	}()
	file, err := parser.Parse([]byte(text))
	if err != nil {
		return "error"
	}
	return show(file.Node)
}

func main() {
	scanner := bufio.NewScanner(os.Stdin)
	scanner.Buffer(nil, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	for scanner.Scan() {
		var text string
		if err := json.Unmarshal(scanner.Bytes(), &text); err != nil {
			panic(err)
		}
		fmt.Fprintln(out, answer(text))
	}
	out.Flush()
}
