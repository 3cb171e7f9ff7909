// An order to a change that is under way elsewhere: a key beside its record, which it follows.
#pragma once
#include <string>

#include "common/main/drain_call.h"

namespace longshore::app {

struct OrderCall {
  std::string service;
  std::string order;  // pause, resume or abort
  std::string by;
  base::Duration limit{};
};

// Blocks until it is carried out, or the limit is over; the exit code.
int give_order(DrainCall& call, Teller& tell, const OrderCall& order);

}  // namespace longshore::app
