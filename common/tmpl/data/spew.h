// Values as github.com/davecgh/go-spew shows them to people who debug. Addresses are left out as they would change with
// every run; capacities, which do not exist here, are the lengths.
#pragma once
#include "common/tmpl/format.h"

namespace longshore::tmpl::spew {

// spew.Sdump of one argument, with types, over several lines.
void dump(BoundedText& out, const Value& value);
// What %v (or %+v, %#v, %#+v) gives for one argument of spew.Sprintf.
void format(BoundedText& out, const Value& value, bool show_types, bool show_names);

}  // namespace longshore::tmpl::spew
