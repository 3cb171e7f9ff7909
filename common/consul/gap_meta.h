// Meta of an entry that stands for the only instance of a service while that is away (common/proxy/placeholder.h); its
// value says who removes it. It is nothing that could be drained.
#pragma once
#include "common/consul/model.h"

namespace longshore::consul {

inline constexpr const char* kGapMeta = "longshore-gap";

inline bool is_placeholder(const Service& service) {
  return service.meta.contains(kGapMeta);
}

}  // namespace longshore::consul
