// Durable records as JSON text. Unreadable ones are refused with a reason; a start goes on without them.
#pragma once
#include <string>
#include <utility>

#include "common/base/result.h"
#include "common/registry/catalog.h"
#include "common/registry/local_check.h"
#include "common/registry/session.h"

namespace longshore::registry {

Row node_row(const NodeRecord& node);
Row service_row(const std::string& node, const ServiceRecord& service);
Row check_row(const CheckRecord& check);
Row kv_row(const consul::KvPair& pair);
Row session_row(const SessionRecord& session);
Row definition_row(const std::string& check_id, const LocalCheck& check);
// kind: node service check; the node's id is "".
Row erased_row(std::string kind, const OnNode& id);

Result<NodeRecord> node_of(const Row& row);
// With the name of its node.
Result<std::pair<std::string, ServiceRecord>> service_of(const Row& row);
Result<CheckRecord> check_of(const Row& row);
Result<consul::KvPair> kv_of(const Row& row);
Result<SessionRecord> session_of(const Row& row);
Result<LocalCheck> definition_of(const Row& row);

}  // namespace longshore::registry
