// Addresses as templates see them: sockaddr.IfAddrs, a list of sockaddr.IfAddr.
#pragma once
#include "common/tmpl/sockaddr/interfaces.h"
#include "common/tmpl/value.h"

namespace longshore::tmpl::sockaddr {

const Type& list_type();
Value value_of(IfAddrs addresses);
// Of a value of list_type(), made by value_of() or by Go's `slice`.
IfAddrs addresses_in(const Value& list);
// Nothing if the value is no sockaddr.IfAddr.
const IfAddr* address_in(const Value& value);

}  // namespace longshore::tmpl::sockaddr
