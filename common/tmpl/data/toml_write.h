// Values to TOML, byte for byte as github.com/BurntSushi/toml 1.5 writes them.
#pragma once
#include "common/base/result.h"
#include "common/tmpl/format.h"

namespace longshore::tmpl::toml {

// Maps need string keys; lists cannot hold nil. Error texts are the original's.
Status write(BoundedText& out, const Value& value);

}  // namespace longshore::tmpl::toml
