// Go's time.Duration as a value of templates: an int64 of nanoseconds with methods.
#pragma once
#include "common/tmpl/value.h"

namespace longshore::tmpl::gotime {

// For sums and products of nanoseconds that 64 bits do not hold.
__extension__ using Wide = __int128;

const Type& duration_type();
Value duration_value(std::int64_t nanoseconds);

}  // namespace longshore::tmpl::gotime
